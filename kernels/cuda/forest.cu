// From flat tokens to the nodes of a forest. The shape comes first (forest_order.h, forest_segments.h), the
// nodes are then written by as many threads as there can be.
// Bytes moved, but for offsets and what a group or a segment has, with C the tokens compared: of each
// response what it shares with any other, and what is left of the chunk of kChunk tokens in which it last
// differs:
//   check_tokens 4 (T + P), compare_prefixes 4 C + 8 R n, start_prefixes and order_leaves 4 R n, node_columns
//   29 N, and 16 N more with old_logp and entropy.
#include "cuda/forest_order.h"
#include "cuda/forest_segments.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

constexpr int kNodesPerThread = 4;
constexpr int kNodesPerBlock = kThreads * kNodesPerThread;
constexpr int kStaged = 256;  // segments in shared memory
constexpr int kFields = sizeof(ForestSegment) / sizeof(std::int32_t);
constexpr int kStagedStride = kStaged + 4;  // no two words of a warp in one bank
constexpr std::int64_t kSplit = 4096;       // positions of a response
constexpr std::int64_t kMostSplits = 16;

enum Field { kBegin, kEnd, kParent, kFirstLeaf, kWeight, kDepth, kSource, kParentNode };

// Segments by field.
struct StagedSegments {
  std::int32_t value[kFields * kStagedStride];

  __device__ std::int32_t at(Field field, int segment) const {
    return value[field * kStagedStride + segment];
  }
};

// Returns, to all lanes of a warp, the segment that holds the node: the last that begins at it or before.
__device__ std::int32_t segment_of(const ForestSegment* segments, std::int32_t count, std::int32_t node) {
  const auto lane = static_cast<std::int32_t>(threadIdx.x % kWarp);
  std::int32_t low = 0;
  while (count > 1) {
    const std::int32_t step = (count + kWarp - 1) / kWarp;
    const bool before = lane < (count + step - 1) / step && segments[low + lane * step].begin <= node;
    const std::int32_t skipped = (__popc(__ballot_sync(kAllLanes, before)) - 1) * step;
    low += skipped;
    count = min(step, count - skipped);
  }
  return low;
}

// Returns the staged segment that holds the node, -1 if none does.
__device__ int staged_segment_of(const StagedSegments& staged, int count, std::int32_t node) {
  int low = 0, high = count;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (staged.at(kBegin, middle) <= node ? low : high) = middle;
  }
  return staged.at(kBegin, low) <= node && node < staged.at(kEnd, low) ? low : -1;
}

__device__ void write_node(const FlatGroups& groups, const StagedSegments& staged, int s, std::int32_t index,
                           std::int32_t n, const ForestNodes& nodes) {
  const std::int32_t begin = staged.at(kBegin, s);
  const bool is_root = staged.at(kParent, s) < 0;
  const std::int64_t from = std::int64_t{staged.at(kSource, s)} + (n - begin);
  if (nodes.token) nodes.token[n] = is_root ? groups.prompt_tokens[from] : groups.response_tokens[from];
  if (nodes.parent) nodes.parent[n] = n == begin ? staged.at(kParentNode, s) : n - 1;
  if (nodes.depth) nodes.depth[n] = staged.at(kDepth, s) + (n - begin);
  if (nodes.weight) nodes.weight[n] = staged.at(kWeight, s);
  if (nodes.first_leaf) nodes.first_leaf[n] = staged.at(kFirstLeaf, s);
  if (nodes.segment) nodes.segment[n] = index;
  if (nodes.trainable) nodes.trainable[n] = is_root ? 0 : 1;
  if (nodes.old_logp) nodes.old_logp[n] = is_root || !groups.old_logp ? 0.0F : groups.old_logp[from];
  if (nodes.entropy) nodes.entropy[n] = is_root || !groups.entropy ? 0.0F : groups.entropy[from];
}

// A block writes neighbouring nodes; it takes their segments into shared memory, as many as fit at a time.
__global__ void __launch_bounds__(kThreads)
    node_columns(FlatGroups groups, ForestPlan plan, ForestNodes nodes) {
  __shared__ StagedSegments staged;
  __shared__ std::int32_t found[2], count;
  const std::int64_t first = std::int64_t{blockIdx.x} * kNodesPerBlock;
  const int warp = static_cast<int>(threadIdx.x) / kWarp;
  if (warp < 2) {
    const std::int32_t nodes_end = failed(plan.error) ? 0 : plan.group_node[groups.groups];
    std::int32_t segment = 0;
    if (first < nodes_end) {
      const std::int64_t last = min(first + kNodesPerBlock, std::int64_t{nodes_end}) - 1;
      segment = segment_of(plan.segments, plan.group_segment[groups.groups],
                           static_cast<std::int32_t>(warp == 0 ? first : last));
    }
    if (threadIdx.x % kWarp == 0) found[warp] = segment;
    if (threadIdx.x == 0) count = nodes_end;
  }
  __syncthreads();
  if (first >= count) return;
  for (std::int32_t from = found[0]; from <= found[1]; from += kStaged) {
    const int staging = min(kStaged, found[1] - from + 1);
    const auto* const words = reinterpret_cast<const std::int32_t*>(plan.segments + from);
    for (int i = static_cast<int>(threadIdx.x); i < staging * kFields; i += kThreads)
      staged.value[i % kFields * kStagedStride + i / kFields] = words[i];
    __syncthreads();
    for (int k = 0; k < kNodesPerThread; ++k) {
      const std::int64_t n = first + k * kThreads + threadIdx.x;
      if (n >= count) break;
      const auto node = static_cast<std::int32_t>(n);
      const int s = staged_segment_of(staged, staging, node);
      if (s >= 0) write_node(groups, staged, s, from + s, node, nodes);
    }
    __syncthreads();
  }
}

void order(const FlatGroups& groups, const ForestPlan& plan, std::uint32_t* prefixes, Stream stream) {
  const unsigned rows = blocks_of(groups.responses, kWarps);
  if (prefixes) {
    const auto tiles = static_cast<int>(blocks_of(groups.largest_group, kTile));
    const int pairs = tiles * (tiles + 1) / 2;
    const std::int64_t mean = groups.response_token_count / max(groups.responses, 1);
    const auto splits = static_cast<int>(min(mean / kSplit + 1, kMostSplits));
    launch("start_prefixes", stream, {.grid = rows, .block = kThreads}, start_prefixes, groups, plan.error,
           prefixes);
    const unsigned blocks = static_cast<unsigned>(groups.groups) * static_cast<unsigned>(pairs * splits);
    launch("compare_prefixes", stream, {.grid = blocks, .block = kThreads}, compare_prefixes, groups,
           plan.error, prefixes, pairs, splits);
  }
  launch("order_leaves", stream, {.grid = rows, .block = kThreads}, order_leaves, groups, plan, prefixes);
}

}  // namespace

void plan_forest(const FlatGroups& groups, ForestMerge merge, const ForestPlan& plan, void* workspace,
                 Stream stream) {
  TEMPO_CHECK(groups.largest_group <= kMostResponses, "plan_forest: expected groups of at most ",
              kMostResponses, " responses, got ", groups.largest_group);
  auto* const leaf_segments = static_cast<std::int32_t*>(workspace);
  auto* const prefixes = reinterpret_cast<std::uint32_t*>(leaf_segments + groups.responses);
  const std::int64_t tokens = groups.response_token_count + groups.prompt_token_count;
  launch("check_offsets", stream, {.grid = 1, .block = kThreads}, check_offsets, groups, plan.error);
  launch("check_tokens", stream, {.grid = blocks_of(tokens, kThreads * kTokensPerThread), .block = kThreads},
         check_tokens, groups, plan.error);
  order(groups, plan, merge == ForestMerge::kPrefixes ? prefixes : nullptr, stream);
  const auto each = static_cast<unsigned>(groups.groups);
  const unsigned leaves = max(blocks_of(groups.largest_group, kWarp), 1U) * kWarp;
  launch("count_segments", stream, {.grid = each, .block = leaves}, count_segments, groups, plan,
         leaf_segments);
  launch("scan_groups", stream, {.grid = 1, .block = kThreads}, scan_groups, groups.groups, plan);
  launch("write_segments", stream, {.grid = each, .block = leaves}, write_segments, groups, plan,
         leaf_segments);
}

void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes, Stream stream) {
  const std::int64_t most = groups.response_token_count + groups.prompt_token_count;
  launch("write_nodes", stream, {.grid = blocks_of(most, kNodesPerBlock), .block = kThreads}, node_columns,
         groups, plan, nodes);
}

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
