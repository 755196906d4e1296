#include <algorithm>

#include "device/device.h"
#include "device/intervals.h"
#include "src/credit_of_group.h"
#include "src/pieces.h"
#include "tempo/kernels/advantages.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

struct CreditArgs {
  FlatGroups groups;
  ForestPlan plan;
  const float* rewards;
  CreditOptions options;
  SegmentCredit credit;
};

// Shared memory of a block, which works on one group. Segments and responses count from the group's first.
struct Workspace {
  __device__ explicit Workspace(std::int32_t most) {
    stats = dynamic_shared<GroupStats>();
    mean = reinterpret_cast<double*>(stats + 1);
    value = mean + most_segments(most);
    parent = reinterpret_cast<std::int32_t*>(value + most_segments(most));
    weight = parent + most_segments(most);
    ends_in = weight + most_segments(most);
    leaf = ends_in + most;
    reward = reinterpret_cast<float*>(leaf + most);
    sorted = reward + most;
  }
  __host__ __device__ static std::int32_t most_segments(std::int32_t responses) { return 2 * responses + 1; }
  static std::size_t bytes(std::int32_t most) {
    return sizeof(GroupStats) + static_cast<std::size_t>(most_segments(most)) * 24 +
           static_cast<std::size_t>(most) * 16;
  }

  GroupStats* stats;
  double *mean, *value;           // [segments] rewards below a segment: their sum, then their mean; V
  std::int32_t *parent, *weight;  // [segments]
  std::int32_t* ends_in;          // [responses] segment
  std::int32_t* leaf;             // [responses] response of a leaf
  float* reward;                  // [responses]
  float* sorted;  // [responses] of the group by size; later by leaves, equal responses' by size
};

// Orders rewards by size, equal ones by index.
__device__ bool comes_before(float a, std::int32_t i, float b, std::int32_t j) {
  return a < b || (a == b && i < j);
}

__device__ void sort_rewards(const Workspace& w, std::int32_t size) {
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < size;
       i += static_cast<std::int32_t>(blockDim.x)) {
    std::int32_t rank = 0;
    for (std::int32_t j = 0; j < size; ++j) rank += comes_before(w.reward[j], j, w.reward[i], i);
    w.sorted[rank] = w.reward[i];
  }
}

// Sorts the rewards of equal responses, whose leaves stand together. Those of the root need no sum.
__device__ void sort_endings(const Workspace& w, std::int32_t size) {
  for (auto k = static_cast<std::int32_t>(threadIdx.x); k < size;
       k += static_cast<std::int32_t>(blockDim.x)) {
    const std::int32_t segment = w.ends_in[w.leaf[k]];
    if (segment == 0) continue;
    const float reward = w.reward[w.leaf[k]];
    std::int32_t to = k;
    for (std::int32_t j = k; j-- > 0 && w.ends_in[w.leaf[j]] == segment;)
      to -= comes_before(reward, k, w.reward[w.leaf[j]], j);
    for (std::int32_t j = k; ++j < size && w.ends_in[w.leaf[j]] == segment;)
      to += comes_before(w.reward[w.leaf[j]], j, reward, k);
    w.sorted[to] = reward;
  }
}

// Adds up the rewards that end in each segment but the root, whose sums are zero.
__device__ void add_endings(const Workspace& w, std::int32_t size) {
  for (auto k = static_cast<std::int32_t>(threadIdx.x); k < size;
       k += static_cast<std::int32_t>(blockDim.x)) {
    const std::int32_t segment = w.ends_in[w.leaf[k]];
    if (segment == 0 || (k > 0 && w.ends_in[w.leaf[k - 1]] == segment)) continue;
    double sum = 0;
    for (std::int32_t j = k; j < size && w.ends_in[w.leaf[j]] == segment; ++j)
      sum += static_cast<double>(w.sorted[j]);
    w.mean[segment] = sum;
  }
}

// Returns V of a segment: of the topmost with the same responses.
__device__ double value_of(const Workspace& w, std::int32_t segment) {
  while (segment > 0 && w.weight[w.parent[segment]] == w.weight[segment]) segment = w.parent[segment];
  return segment > 0 ? w.mean[segment] : w.stats->mean;
}

__device__ void write_drawn_values(const Workspace& w, std::int32_t segments, double shrinkage) {
  w.value[0] = w.stats->mean;
  for (std::int32_t s = 1; s < segments; ++s) {
    const std::int32_t above = w.parent[s];
    w.value[s] = w.weight[s] == w.weight[above]
                     ? w.value[above]
                     : drawn_value(w.value[above], w.mean[s], w.weight[s], shrinkage);
  }
}

// Loads the shape of the group's tree.
__device__ void load_tree(const CreditArgs& a, const Workspace& w, std::int32_t begin, std::int32_t size,
                          std::int32_t root, std::int32_t segments) {
  const auto thread = static_cast<std::int32_t>(threadIdx.x), threads = static_cast<std::int32_t>(blockDim.x);
  for (std::int32_t s = thread; s < segments; s += threads) {
    const ForestSegment& segment = a.plan.segments[root + s];
    w.parent[s] = segment.parent - root;
    w.weight[s] = segment.weight;
    w.mean[s] = 0;
  }
  for (std::int32_t i = thread; i < size; i += threads) {
    w.leaf[i] = a.plan.leaf_response[begin + i] - begin;
    w.ends_in[i] = a.plan.response_segment[begin + i] - root;
  }
}

// Computes V of the group's segments. The sums below a segment take its children from the last to the first.
__device__ void compute_values(const Workspace& w, std::int32_t size, std::int32_t segments,
                               double shrinkage) {
  const auto thread = static_cast<std::int32_t>(threadIdx.x), threads = static_cast<std::int32_t>(blockDim.x);
  sort_endings(w, size);
  __syncthreads();
  add_endings(w, size);
  __syncthreads();
  if (thread == 0)
    for (std::int32_t s = segments - 1; s > 0; --s)
      if (w.parent[s] > 0) w.mean[w.parent[s]] += w.mean[s];
  __syncthreads();
  for (std::int32_t s = thread + 1; s < segments; s += threads) w.mean[s] /= w.weight[s];
  __syncthreads();
  if (shrinkage == 0)
    for (std::int32_t s = thread; s < segments; s += threads) w.value[s] = value_of(w, s);
  else if (thread == 0)
    write_drawn_values(w, segments, shrinkage);
  __syncthreads();
}

__global__ void __launch_bounds__(1024) group_credit(CreditArgs a) {
  if (failed(a.plan)) return;
  const Workspace w(a.groups.largest_group);
  const auto thread = static_cast<std::int32_t>(threadIdx.x), threads = static_cast<std::int32_t>(blockDim.x);
  const std::int32_t begin = a.groups.group_offsets[blockIdx.x];
  const std::int32_t size = a.groups.group_offsets[blockIdx.x + 1] - begin;
  for (std::int32_t i = thread; i < size; i += threads) w.reward[i] = a.rewards[begin + i];
  __syncthreads();
  sort_rewards(w, size);
  __syncthreads();
  if (thread == 0) *w.stats = stats_of(w.sorted, size, a.options);
  const bool with_tree = a.credit.value || a.credit.segment;
  const std::int32_t root = with_tree ? a.plan.group_segment[blockIdx.x] : 0;
  const std::int32_t segments = with_tree ? a.plan.group_segment[blockIdx.x + 1] - root : 0;
  if (with_tree) load_tree(a, w, begin, size, root, segments);
  __syncthreads();
  const GroupStats stats = *w.stats;
  if (a.credit.response)
    for (std::int32_t i = thread; i < size; i += threads)
      a.credit.response[begin + i] = credit_of(static_cast<double>(w.reward[i]), stats.mean, stats.scale);
  if (!with_tree) return;
  compute_values(w, size, segments, a.options.value_shrinkage);
  const double scale = a.options.estimator == Estimator::kTempo ? stats.scale : 0;
  for (std::int32_t s = thread; s < segments; s += threads) {
    if (a.credit.value) a.credit.value[root + s] = w.value[s];
    if (a.credit.segment)
      a.credit.segment[root + s] = s == 0 ? 0.0F : credit_of(w.value[s], w.value[w.parent[s]], scale);
  }
}

__global__ void __launch_bounds__(kIntervalThreads)
    token_advantages(FlatGroups groups, ForestPlan plan, const float* response_credit,
                     const float* segment_credit, float* advantages) {
  if (failed(plan)) return;
  const std::int64_t begin = interval_begin();
  const std::int64_t end = min(begin + kInterval, groups.response_token_count);
  std::int32_t loaded = -1;
  float response = 0;
  for (TokenPieces piece(groups, segment_credit ? &plan : nullptr, begin, end); piece.next();) {
    if (loaded != piece.response) response = response_credit[piece.response];
    loaded = piece.response;
    const bool opens = segment_credit && piece.first >= begin;
    const float rest = advantage_of(response, 0.0F);
    const float first = opens ? advantage_of(response, segment_credit[piece.segment]) : rest;
    for (std::int64_t t = lane_begin(piece.begin); t < piece.end; t += kWarp)
      advantages[t] = t == piece.first ? first : rest;
  }
}

__global__ void __launch_bounds__(kIntervalThreads)
    node_values(ForestPlan plan, std::int32_t groups, const double* segment_value, double* values) {
  if (failed(plan)) return;
  const std::int64_t begin = interval_begin();
  for (NodePieces piece(plan, groups, begin, begin + kInterval); piece.next();) {
    const double value = segment_value[piece.segment];
    for (std::int64_t n = lane_begin(piece.begin); n < piece.end; n += kWarp) values[n] = value;
  }
}

__global__ void __launch_bounds__(kIntervalThreads)
    node_credit(ForestPlan plan, std::int32_t groups, const float* segment_credit, float* credit) {
  if (failed(plan)) return;
  const std::int64_t begin = interval_begin();
  for (NodePieces piece(plan, groups, begin, begin + kInterval); piece.next();) {
    const float first = piece.first >= begin ? segment_credit[piece.segment] : 0.0F;
    for (std::int64_t n = lane_begin(piece.begin); n < piece.end; n += kWarp)
      credit[n] = n == piece.first ? first : 0.0F;
  }
}

}  // namespace

void assign_credit(const FlatGroups& groups, const ForestPlan& plan, const float* rewards,
                   const CreditOptions& options, const SegmentCredit& credit, Stream stream) {
  TEMPO_CHECK(groups.largest_group <= kMostResponses, "assign_credit: largest_group: expected at most ",
              kMostResponses, ", got ", groups.largest_group);
  const auto threads = std::max(1U, blocks_of(groups.largest_group, kWarp)) * kWarp;
  launch("assign_credit", stream,
         {.grid = static_cast<unsigned>(groups.groups),
          .block = threads,
          .shared_bytes = Workspace::bytes(groups.largest_group)},
         group_credit, CreditArgs{groups, plan, rewards, options, credit});
}

void write_node_values(const FlatGroups& groups, const ForestPlan& plan, const double* segment_value,
                       double* values, Stream stream) {
  launch("write_node_values", stream,
         {.grid = interval_blocks(groups.prompt_token_count + groups.response_token_count),
          .block = kIntervalThreads},
         node_values, plan, groups.groups, segment_value, values);
}

void write_node_credit(const FlatGroups& groups, const ForestPlan& plan, const float* segment_credit,
                       float* credit, Stream stream) {
  launch("write_node_credit", stream,
         {.grid = interval_blocks(groups.prompt_token_count + groups.response_token_count),
          .block = kIntervalThreads},
         node_credit, plan, groups.groups, segment_credit, credit);
}

void write_token_advantages(const FlatGroups& groups, const ForestPlan& plan, const float* response_credit,
                            const float* segment_credit, float* advantages, Stream stream) {
  launch("write_token_advantages", stream,
         {.grid = interval_blocks(groups.response_token_count), .block = kIntervalThreads}, token_advantages,
         groups, plan, response_credit, segment_credit, advantages);
}

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
