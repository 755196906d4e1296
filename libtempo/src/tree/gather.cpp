#include "tempo/tree/gather.h"

#include "tempo/core/error.h"

namespace tempo::tree {
namespace {

// Appends from[begin, end) with an offset on every entry that is not -1.
void append_shifted(std::vector<std::int32_t>& to, const std::vector<std::int32_t>& from, NodeRange range,
                    std::int32_t offset) {
  for (auto i = range.begin; i < range.end; ++i) {
    const std::int32_t value = from[static_cast<std::size_t>(i)];
    to.push_back(value < 0 ? value : value + offset);
  }
}

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from, NodeRange range) {
  to.insert(to.end(), from.begin() + range.begin, from.begin() + range.end);
}

NodeRange range_of(const std::vector<std::int32_t>& offsets, std::int32_t group) {
  return {offsets[static_cast<std::size_t>(group)], offsets[static_cast<std::size_t>(group) + 1]};
}

void append_group(Forest& to, const Forest& from, std::int32_t group) {
  const NodeRange nodes = range_of(from.group_node, group);
  const NodeRange responses = range_of(from.group_response, group);
  const NodeRange segments = range_of(from.group_segment, group);
  const std::int32_t node_offset = to.group_node.back() - nodes.begin;
  const std::int32_t response_offset = to.group_response.back() - responses.begin;
  const std::int32_t segment_offset = to.group_segment.back() - segments.begin;

  append(to.token, from.token, nodes);
  append_shifted(to.parent, from.parent, nodes, node_offset);
  append(to.depth, from.depth, nodes);
  append(to.weight, from.weight, nodes);
  append_shifted(to.first_leaf, from.first_leaf, nodes, response_offset);
  append_shifted(to.node_segment, from.node_segment, nodes, segment_offset);
  append(to.trainable, from.trainable, nodes);
  append(to.old_logp, from.old_logp, nodes);
  append(to.entropy, from.entropy, nodes);

  for (auto s = segments.begin; s < segments.end; ++s) {
    Segment segment = from.segments[static_cast<std::size_t>(s)];
    segment.nodes = {segment.nodes.begin + node_offset, segment.nodes.end + node_offset};
    if (segment.parent >= 0) segment.parent += segment_offset;
    to.segments.push_back(segment);
  }
  append_shifted(to.response_segment, from.response_segment, responses, segment_offset);
  append(to.response_length, from.response_length, responses);
  append_shifted(to.leaf_response, from.leaf_response, responses, response_offset);

  to.group_node.push_back(nodes.end + node_offset);
  to.group_response.push_back(responses.end + response_offset);
  to.group_segment.push_back(segments.end + segment_offset);
}

}  // namespace

Forest gather_groups(std::span<const GroupRef> groups) {
  Forest out;
  for (const auto& [forest, group] : groups) {
    TEMPO_CHECK(group >= 0 && group < forest->groups(), "gather_groups: expected a group from 0 to below ",
                forest->groups(), ", got ", group);
    append_group(out, *forest, group);
  }
  return out;
}

}  // namespace tempo::tree
