// Folds the advantages of all responses through a node into what the clipped loss needs. Names of sizes as in
// forest.h.
#pragma once

#include <cstdint>

#include "tempo/kernels/forest.h"
#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// Columns of nodes, [P + T] of which N are written, 0 on prompts. A null column is left out. With A_i the
// advantage of response i for the node's token and w_i the weight of that token in the loss:
struct FoldColumns {
  float* positive = nullptr;               // A+: sum of w_i max(A_i, 0) over the responses through the node
  float* negative = nullptr;               // A-: sum of w_i max(-A_i, 0)
  float* weight = nullptr;                 // sum of w_i
  std::int32_t* positive_count = nullptr;  // responses with A_i > 0
  std::int32_t* negative_count = nullptr;  // responses with A_i < 0
};

// The columns of one node, without the weight.
struct alignas(16) FoldSums {
  float positive = 0, negative = 0;
  std::int32_t positive_count = 0, negative_count = 0;
};

// A segment's nodes differ in its first alone.
struct SegmentFold {
  FoldSums first, rest;
  float weight = 0;
};

// fold_credit writes the columns. A_i is response_credit[i], [R], plus segment_credit[s], [S], at the first
// node of segment s; null: zeros. token_weight: [R]. Sums are in double and in the order of the leaves.
//
// A device needs segment_folds, [most_segments], of its memory, and launches twice: for the segments, where
// it moves 16 R + 8 (G + 1) + (sizeof(ForestSegment) + 4 + sizeof(SegmentFold)) S bytes, and for the nodes,
// 20 N and what finding the segments takes. Groups may have up to kMostResponses responses; nothing is
// written after *plan.error but kNone. The CPU works with several threads, and the result does not depend on
// their number.
namespace cpu {
void fold_credit(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, const double* token_weight, const FoldColumns& columns);
}
namespace host {
void fold_credit(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, const double* token_weight, const FoldColumns& columns,
                 SegmentFold* segment_folds, Stream stream);
}
namespace cuda {
void fold_credit(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, const double* token_weight, const FoldColumns& columns,
                 SegmentFold* segment_folds, Stream stream);
}

}  // namespace tempo::kernels
