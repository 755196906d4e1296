// Kernels from the order of the leaves to the segments of the tree.
#pragma once

#include "cuda/forest_order.h"

namespace tempo::kernels::TEMPO_BACKEND {
namespace {

constexpr int kMostWarps = kMostResponses / kWarp;

// Returns the sum over the block's threads before this one, and in `total` that over all. `partial`: shared,
// a number a warp; may be used again after the next barrier.
__device__ std::int32_t sum_before(std::int32_t value, std::int32_t* partial, std::int32_t& total) {
  const auto lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp, warps = blockDim.x / kWarp;
  std::int32_t sum = value;
  for (unsigned step = 1; step < kWarp; step *= 2) {
    const std::int32_t below = __shfl_up_sync(kAllLanes, sum, step);
    if (lane >= step) sum += below;
  }
  if (lane == kWarp - 1) partial[warp] = sum;
  __syncthreads();
  const std::int32_t of_warp = lane < warps ? partial[lane] : 0;
  total = warp_sum(of_warp);
  return warp_sum(lane < warp ? of_warp : 0) + sum - value;
}

// A group, a leaf a thread.
struct GroupLeaves {
  std::int32_t begin, leaves;  // of the group
  std::int32_t prompt_begin, prompt;
  std::int32_t response, offset, length, shared;  // of this thread's leaf; nothing if there is none
  bool exists;
};

__device__ GroupLeaves group_leaves(const FlatGroups& groups, const ForestPlan& plan) {
  const std::int32_t group = static_cast<std::int32_t>(blockIdx.x);
  const auto leaf = static_cast<std::int32_t>(threadIdx.x);
  GroupLeaves here{};
  here.begin = groups.group_offsets[group];
  here.leaves = groups.group_offsets[group + 1] - here.begin;
  if (groups.prompt_offsets) {
    here.prompt_begin = groups.prompt_offsets[group];
    here.prompt = groups.prompt_offsets[group + 1] - here.prompt_begin;
  }
  here.exists = leaf < here.leaves;
  if (!here.exists) return here;
  here.response = plan.leaf_response[here.begin + leaf];
  here.shared = plan.leaf_shared[here.begin + leaf];
  here.offset = groups.response_offsets[here.response];
  here.length = groups.response_offsets[here.response + 1] - here.offset;
  return here;
}

// Cuts the tokens that a leaf does not share with the leaf before it where later leaves depart. Calls
// piece(begin, end, next leaf that does not pass through it) for each piece, the deepest first, and
// child(leaf, depth) for each leaf that departs where the next piece ends, or continues the whole.
template <typename Piece, typename Child>
__device__ void cut_leaf(const std::int32_t* shared, const GroupLeaves& here, const Piece& piece,
                         const Child& child) {
  std::int32_t cut = here.length, next = static_cast<std::int32_t>(threadIdx.x) + 1;
  for (; next < here.leaves && shared[next] > here.shared; ++next) {
    if (shared[next] > cut) continue;
    if (shared[next] < cut) piece(shared[next], cut, next);
    cut = shared[next];
    child(next, cut);
  }
  if (here.shared < cut) piece(here.shared, cut, next);
}

// A block a group, a thread a leaf: counts the segments that each leaf adds, and the group's nodes and
// segments, which scan_groups adds up.
__global__ void __launch_bounds__(kMostResponses)
    count_segments(FlatGroups groups, ForestPlan plan, std::int32_t* leaf_segments) {
  __shared__ std::int32_t shared[kMostResponses], partial[2][kMostWarps];
  if (failed(plan.error)) return;
  const GroupLeaves here = group_leaves(groups, plan);
  shared[threadIdx.x] = here.shared;
  __syncthreads();
  std::int32_t pieces = 0, all_pieces = 0, nodes = 0;
  if (here.exists) {
    cut_leaf(
        shared, here, [&](int, int, int) { ++pieces; }, [](int, int) {});
    leaf_segments[here.begin + static_cast<std::int32_t>(threadIdx.x)] = pieces;
  }
  sum_before(pieces, partial[0], all_pieces);
  sum_before(here.length - here.shared, partial[1], nodes);
  if (threadIdx.x != 0) return;
  plan.group_segment[blockIdx.x] = 1 + all_pieces;
  plan.group_node[blockIdx.x] = here.prompt + nodes;
}

// One block: turns the counts of groups into where each begins.
__global__ void __launch_bounds__(kThreads) scan_groups(std::int32_t groups, ForestPlan plan) {
  __shared__ std::int32_t partial[2][kWarps];
  if (failed(plan.error)) return;
  std::int32_t nodes = 0, segments = 0;
  for (std::int32_t first = 0; first <= groups; first += kThreads) {
    const std::int32_t group = first + static_cast<std::int32_t>(threadIdx.x);
    std::int32_t more_nodes = 0, more_segments = 0;
    const bool counts = group < groups;
    const std::int32_t node = sum_before(counts ? plan.group_node[group] : 0, partial[0], more_nodes);
    const std::int32_t segment =
        sum_before(counts ? plan.group_segment[group] : 0, partial[1], more_segments);
    if (group <= groups) {
      plan.group_node[group] = nodes + node;
      plan.group_segment[group] = segments + segment;
    }
    nodes += more_nodes;
    segments += more_segments;
    __syncthreads();
  }
}

// Where a leaf leaves the path of those before it.
struct Joints {
  std::int32_t segment[kMostResponses];
  std::int32_t node[kMostResponses];  // last of the segment, -1 for an empty root
};

// Writes the segments that a leaf adds, but the first, which it returns without its parent.
__device__ ForestSegment write_pieces(const std::int32_t* shared, const GroupLeaves& here, std::int32_t first,
                                      std::int32_t count, std::int32_t node, ForestSegment* segments,
                                      Joints& joints) {
  ForestSegment top{};
  std::int32_t index = first + count - 1;
  const auto leaf = static_cast<std::int32_t>(threadIdx.x);
  const auto node_at = [&](std::int32_t depth) { return node + depth - here.shared; };
  cut_leaf(
      shared, here,
      [&](std::int32_t begin, std::int32_t end, std::int32_t next) {
        const ForestSegment segment{.begin = node_at(begin),
                                    .end = node_at(end),
                                    .parent = index - 1,
                                    .first_leaf = here.begin + leaf,
                                    .weight = next - leaf,
                                    .depth = here.prompt + begin,
                                    .source = here.offset + begin,
                                    .parent_node = node_at(begin) - 1};
        if (index-- == first)
          top = segment;
        else
          segments[index + 1] = segment;
      },
      [&](std::int32_t child, std::int32_t depth) {
        joints.segment[child] = index;
        joints.node[child] = node_at(depth) - 1;
      });
  return top;
}

// A block a group, a thread a leaf.
__global__ void __launch_bounds__(kMostResponses)
    write_segments(FlatGroups groups, ForestPlan plan, const std::int32_t* leaf_segments) {
  __shared__ std::int32_t shared[kMostResponses], partial[2][kMostWarps];
  __shared__ Joints joints;
  if (failed(plan.error)) return;
  const GroupLeaves here = group_leaves(groups, plan);
  const std::int32_t root = plan.group_segment[blockIdx.x], root_node = plan.group_node[blockIdx.x];
  const std::int32_t nodes_begin = root_node + here.prompt;
  shared[threadIdx.x] = here.shared;
  joints.segment[threadIdx.x] = root;
  joints.node[threadIdx.x] = here.prompt > 0 ? nodes_begin - 1 : -1;
  const std::int32_t count =
      here.exists ? leaf_segments[here.begin + static_cast<std::int32_t>(threadIdx.x)] : 0;
  std::int32_t total = 0;
  const std::int32_t first = root + 1 + sum_before(count, partial[0], total);
  const std::int32_t node = nodes_begin + sum_before(here.length - here.shared, partial[1], total);
  ForestSegment top{};
  if (here.exists) top = write_pieces(shared, here, first, count, node, plan.segments, joints);
  __syncthreads();
  if (threadIdx.x == 0)
    plan.segments[root] = {root_node, nodes_begin, -1, here.begin, here.leaves, 0, here.prompt_begin, -1};
  if (!here.exists) return;
  top.parent = joints.segment[threadIdx.x];
  top.parent_node = joints.node[threadIdx.x];
  if (count > 0) plan.segments[first] = top;
  plan.response_segment[here.response] = count > 0 ? first + count - 1 : top.parent;
}

}  // namespace
}  // namespace tempo::kernels::TEMPO_BACKEND
