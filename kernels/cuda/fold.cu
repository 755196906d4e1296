#include <algorithm>

#include "device/device.h"
#include "device/intervals.h"
#include "src/fold_segment.h"
#include "src/pieces.h"
#include "tempo/kernels/fold.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

struct FoldArgs {
  FlatGroups groups;
  ForestPlan plan;
  const float* response_credit;
  const float* segment_credit;
  const double* token_weight;
  FoldColumns columns;
  SegmentFold* folds;
};

// Some of the group's leaves, in shared memory.
struct Leaves {
  __device__ float credit(std::int32_t i) const { return credits[i]; }
  __device__ double weight(std::int32_t i) const { return weights[i]; }
  const double* weights;
  const float* credits;
};

// A block folds the segments of one group, a thread one of them at a time.
__global__ void __launch_bounds__(1024) segment_folds(FoldArgs a) {
  if (failed(a.plan)) return;
  auto* const weights = dynamic_shared<double>();
  auto* const credits = reinterpret_cast<float*>(weights + a.groups.largest_group);
  const auto thread = static_cast<std::int32_t>(threadIdx.x), threads = static_cast<std::int32_t>(blockDim.x);
  const std::int32_t begin = a.groups.group_offsets[blockIdx.x];
  const std::int32_t size = a.groups.group_offsets[blockIdx.x + 1] - begin;
  for (std::int32_t i = thread; i < size; i += threads) {
    const std::int32_t response = a.plan.leaf_response[begin + i];
    weights[i] = a.token_weight[response];
    credits[i] = a.response_credit[response];
  }
  __syncthreads();
  const std::int32_t root = a.plan.group_segment[blockIdx.x], end = a.plan.group_segment[blockIdx.x + 1];
  for (std::int32_t s = root + 1 + thread; s < end; s += threads) {
    const std::int32_t leaf = a.plan.segments[s].first_leaf - begin;
    a.folds[s] = fold_segment(Leaves{weights + leaf, credits + leaf}, a.plan.segments[s].weight,
                              a.segment_credit ? a.segment_credit[s] : 0.0F);
  }
}

template <typename T>
__device__ void fill(T* column, const NodePieces& piece, T first, T rest) {
  if (!column) return;
  for (std::int64_t n = lane_begin(piece.begin); n < piece.end; n += kWarp)
    column[n] = n == piece.first ? first : rest;
}

__global__ void __launch_bounds__(kIntervalThreads) node_folds(FoldArgs a) {
  if (failed(a.plan)) return;
  const std::int64_t begin = interval_begin();
  for (NodePieces piece(a.plan, a.groups.groups, begin, begin + kInterval); piece.next();) {
    FoldSums first, rest;
    float weight = 0;
    if (!piece.root) {
      const SegmentFold& fold = a.folds[piece.segment];
      first = fold.first, rest = fold.rest, weight = fold.weight;
    }
    fill(a.columns.positive, piece, first.positive, rest.positive);
    fill(a.columns.negative, piece, first.negative, rest.negative);
    fill(a.columns.weight, piece, weight, weight);
    fill(a.columns.positive_count, piece, first.positive_count, rest.positive_count);
    fill(a.columns.negative_count, piece, first.negative_count, rest.negative_count);
  }
}

}  // namespace

void fold_credit(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                 const float* segment_credit, const double* token_weight, const FoldColumns& columns,
                 SegmentFold* segment_folds_, Stream stream) {
  TEMPO_CHECK(groups.largest_group <= kMostResponses, "fold_credit: largest_group: expected at most ",
              kMostResponses, ", got ", groups.largest_group);
  const FoldArgs args{groups, plan, response_credit, segment_credit, token_weight, columns, segment_folds_};
  launch("fold_credit", stream,
         {.grid = static_cast<unsigned>(groups.groups),
          .block = std::max(1U, blocks_of(groups.largest_group, kWarp)) * kWarp,
          .shared_bytes = static_cast<std::size_t>(groups.largest_group) * (sizeof(double) + sizeof(float))},
         segment_folds, args);
  launch("fold_credit", stream,
         {.grid = interval_blocks(groups.prompt_token_count + groups.response_token_count),
          .block = kIntervalThreads},
         node_folds, args);
}

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
