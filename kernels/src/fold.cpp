#include "tempo/kernels/fold.h"

#include <algorithm>

#include "fold_segment.h"
#include "pieces.h"

namespace tempo::kernels::cpu {
namespace {

constexpr std::int64_t kInterval = 1 << 13;  // nodes of a thread's turn

struct FoldArgs {
  const FlatGroups& groups;
  const ForestPlan& plan;
  const float* response_credit;
  const float* segment_credit;
  const double* token_weight;
  const FoldColumns& columns;
};

// The leaves below a segment.
struct Leaves {
  float credit(std::int32_t i) const { return args.response_credit[responses[i]]; }
  double weight(std::int32_t i) const { return args.token_weight[responses[i]]; }
  const FoldArgs& args;
  const std::int32_t* responses;
};

SegmentFold fold_of(const FoldArgs& a, const NodePieces& piece) {
  if (piece.root) return {};
  const ForestSegment& segment = a.plan.segments[piece.segment];
  return fold_segment(Leaves{a, a.plan.leaf_response + segment.first_leaf}, segment.weight,
                      a.segment_credit ? a.segment_credit[piece.segment] : 0.0F);
}

template <typename T>
void fill(T* column, const NodePieces& piece, T first, T rest) {
  if (!column) return;
  column[piece.begin] = piece.begin == piece.first ? first : rest;
  std::fill(column + piece.begin + 1, column + piece.end, rest);
}

void write_piece(const FoldArgs& a, const NodePieces& piece) {
  const auto [first, rest, weight] = fold_of(a, piece);
  fill(a.columns.positive, piece, first.positive, rest.positive);
  fill(a.columns.negative, piece, first.negative, rest.negative);
  fill(a.columns.weight, piece, weight, weight);
  fill(a.columns.positive_count, piece, first.positive_count, rest.positive_count);
  fill(a.columns.negative_count, piece, first.negative_count, rest.negative_count);
}

}  // namespace

void fold_credit(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, const double* token_weight, const FoldColumns& columns) {
  if (failed(plan)) return;
  const FoldArgs args{groups, plan, response_credit, segment_credit, token_weight, columns};
  const std::int64_t intervals = (plan.group_node[groups.groups] + kInterval - 1) / kInterval;
#pragma omp parallel for schedule(static) if (intervals > 1)
  for (std::int64_t i = 0; i < intervals; ++i)
    for (NodePieces piece(plan, groups.groups, i * kInterval, (i + 1) * kInterval); piece.next();)
      write_piece(args, piece);
}

}  // namespace tempo::kernels::cpu
