#include <algorithm>
#include <cstdint>

#include "tempo/kernels/forest.h"

namespace tempo::kernels {
namespace {

constexpr std::int64_t kRange = 1 << 14;  // nodes that one thread writes at a time

template <typename T>
void fill(T* column, std::int64_t begin, std::int64_t end, T value) {
  if (column) std::fill(column + begin, column + end, value);
}

// Writes first, first + 1, ...
void count_up(std::int32_t* column, std::int64_t begin, std::int64_t end, std::int32_t first) {
  if (!column) return;
  const auto size = static_cast<std::int32_t>(end - begin);
  for (std::int32_t i = 0; i < size; ++i) column[begin + i] = first + i;
}

// Writes what stands in `flat` from `from` on, zeros where there is none.
template <typename T>
void copy(const T* flat, std::int64_t from, T* column, std::int64_t begin, std::int64_t end) {
  if (!column) return;
  if (flat)
    std::copy(flat + from, flat + from + (end - begin), column + begin);
  else
    std::fill(column + begin, column + end, T{});
}

// Writes the nodes [begin, end) of a segment.
void write_part(const FlatGroups& groups, const ForestSegment* segments, std::int32_t index,
                std::int32_t begin, std::int32_t end, const ForestNodes& nodes) {
  const ForestSegment& segment = segments[index];
  const bool is_root = segment.parent < 0;
  const std::int32_t before = begin - segment.begin;
  const std::int64_t from = segment.source + before;
  copy(is_root ? groups.prompt_tokens : groups.response_tokens, from, nodes.token, begin, end);
  copy(is_root ? nullptr : groups.old_logp, from, nodes.old_logp, begin, end);
  copy(is_root ? nullptr : groups.entropy, from, nodes.entropy, begin, end);
  count_up(nodes.parent, begin, end, begin - 1);
  if (nodes.parent && before == 0) nodes.parent[begin] = segment.parent_node;
  count_up(nodes.depth, begin, end, segment.depth + before);
  fill(nodes.weight, begin, end, segment.weight);
  fill(nodes.first_leaf, begin, end, segment.first_leaf);
  fill(nodes.segment, begin, end, index);
  fill(nodes.trainable, begin, end, std::uint8_t{!is_root});
}

}  // namespace

namespace cpu {

void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes) {
  if (plan.error && *plan.error != GroupsError::kNone) return;
  const std::int64_t count = plan.group_node[groups.groups];
  const ForestSegment* const segments = plan.segments;
  const ForestSegment* const last = segments + plan.group_segment[groups.groups];
#pragma omp parallel for schedule(static) if (count > kRange)
  for (std::int64_t begin = 0; begin < count; begin += kRange) {
    const std::int64_t end = std::min(begin + kRange, count);
    const auto starts_after = [](std::int64_t node, const ForestSegment& s) { return node < s.begin; };
    const ForestSegment* at = std::upper_bound(segments, last, begin, starts_after) - 1;
    for (; at != last && at->begin < end; ++at) {
      const auto from = static_cast<std::int32_t>(std::max<std::int64_t>(at->begin, begin));
      const auto to = static_cast<std::int32_t>(std::min<std::int64_t>(at->end, end));
      if (from < to) write_part(groups, segments, static_cast<std::int32_t>(at - segments), from, to, nodes);
    }
  }
}

}  // namespace cpu
}  // namespace tempo::kernels
