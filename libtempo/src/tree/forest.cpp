#include "tempo/tree/forest.h"

#include <algorithm>

#include "tempo/core/error.h"

namespace tempo::tree {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

void check_response(const char* function, const Forest& forest, std::int32_t response) {
  TEMPO_CHECK(response >= 0 && response < forest.responses(), function, ": response: expected 0 to below ",
              forest.responses(), ", got ", response);
}

// Returns column[begin, end).
template <typename T>
std::vector<T> part(const std::vector<T>& column, std::int32_t begin, std::int32_t end) {
  return {column.begin() + begin, column.begin() + end};
}

// Returns column[begin, end) less `shift`; -1 stays.
std::vector<std::int32_t> part(const std::vector<std::int32_t>& column, std::int32_t begin, std::int32_t end,
                               std::int32_t shift) {
  std::vector<std::int32_t> result = part(column, begin, end);
  for (std::int32_t& index : result)
    if (index >= 0) index -= shift;
  return result;
}

}  // namespace

std::vector<NodeRange> response_path(const Forest& forest, std::int32_t response) {
  check_response("response_path", forest, response);
  std::vector<NodeRange> path;
  for (std::int32_t s = forest.response_segment[at(response)]; s != -1; s = forest.segments[at(s)].parent)
    if (forest.segments[at(s)].nodes.size() > 0) path.push_back(forest.segments[at(s)].nodes);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<std::int32_t> response_tokens(const Forest& forest, std::int32_t response) {
  check_response("response_tokens", forest, response);
  std::vector<std::int32_t> tokens(at(forest.response_length[at(response)]));
  auto end = tokens.end();
  for (std::int32_t s = forest.response_segment[at(response)]; forest.segments[at(s)].parent != -1;
       s = forest.segments[at(s)].parent) {
    const NodeRange nodes = forest.segments[at(s)].nodes;
    end = std::copy_backward(forest.token.begin() + nodes.begin, forest.token.begin() + nodes.end, end);
  }
  return tokens;
}

Forest slice_groups(const Forest& forest, std::int32_t begin, std::int32_t end) {
  TEMPO_CHECK(begin >= 0 && begin <= end && end <= forest.groups(),
              "slice_groups: expected 0 <= begin <= end <= ", forest.groups(), ", got ", begin, " and ", end);
  const NodeRange node{forest.group_node[at(begin)], forest.group_node[at(end)]};
  const NodeRange segment{forest.group_segment[at(begin)], forest.group_segment[at(end)]};
  const NodeRange response{forest.group_response[at(begin)], forest.group_response[at(end)]};
  Forest slice{.token = part(forest.token, node.begin, node.end),
               .parent = part(forest.parent, node.begin, node.end, node.begin),
               .depth = part(forest.depth, node.begin, node.end),
               .weight = part(forest.weight, node.begin, node.end),
               .first_leaf = part(forest.first_leaf, node.begin, node.end, response.begin),
               .node_segment = part(forest.node_segment, node.begin, node.end, segment.begin),
               .trainable = part(forest.trainable, node.begin, node.end),
               .old_logp = part(forest.old_logp, node.begin, node.end),
               .entropy = part(forest.entropy, node.begin, node.end),
               .segments = part(forest.segments, segment.begin, segment.end),
               .response_segment = part(forest.response_segment, response.begin, response.end, segment.begin),
               .response_length = part(forest.response_length, response.begin, response.end),
               .leaf_response = part(forest.leaf_response, response.begin, response.end, response.begin),
               .group_node = part(forest.group_node, begin, end + 1, node.begin),
               .group_response = part(forest.group_response, begin, end + 1, response.begin),
               .group_segment = part(forest.group_segment, begin, end + 1, segment.begin)};
  for (Segment& s : slice.segments) {
    s.nodes = {s.nodes.begin - node.begin, s.nodes.end - node.begin};
    if (s.parent >= 0) s.parent -= segment.begin;
  }
  return slice;
}

}  // namespace tempo::tree
