#include "forest_writer.h"

#include <numeric>

namespace tempo::tree {
namespace {

template <typename T>
void append(std::vector<T>& column, std::size_t count, T value) {
  column.insert(column.end(), count, value);
}

// Appends first, first + 1, ...
void append_counting(std::vector<std::int32_t>& column, std::size_t count, std::int32_t first) {
  column.insert(column.end(), count, 0);
  std::iota(column.end() - static_cast<std::ptrdiff_t>(count), column.end(), first);
}

// Returns the last node of the segment, -1 for an empty root.
std::int32_t last_node(const Forest& forest, std::int32_t segment) {
  const NodeRange nodes = forest.segments[static_cast<std::size_t>(segment)].nodes;
  return nodes.size() == 0 ? -1 : nodes.end - 1;
}

// Appends a chain below node `above` (-1: none) as a new segment.
std::int32_t append_chain(Forest& forest, std::int32_t parent, std::int32_t above, std::int32_t size,
                          LeafRange leaves, bool trainable) {
  const auto segment = static_cast<std::int32_t>(forest.segments.size());
  const auto begin = static_cast<std::int32_t>(forest.parent.size());
  const auto count = static_cast<std::size_t>(size);
  forest.segments.push_back({.nodes = {begin, begin + size}, .parent = parent});
  if (size == 0) return segment;
  const std::int32_t depth = above < 0 ? 0 : forest.depth[static_cast<std::size_t>(above)] + 1;
  append_counting(forest.depth, count, depth);
  append_counting(forest.parent, count, begin - 1);
  forest.parent[static_cast<std::size_t>(begin)] = above;
  append(forest.weight, count, leaves.end - leaves.begin);
  append(forest.first_leaf, count, leaves.begin);
  append(forest.node_segment, count, segment);
  append(forest.trainable, count, std::uint8_t{trainable});
  return segment;
}

}  // namespace

void reserve(Forest& forest, std::size_t nodes, std::size_t responses) {
  for (auto* column : {&forest.token, &forest.parent, &forest.depth, &forest.weight, &forest.first_leaf,
                       &forest.node_segment})
    column->reserve(nodes);
  forest.trainable.reserve(nodes);
  forest.old_logp.reserve(nodes);
  forest.entropy.reserve(nodes);
  for (auto* column : {&forest.response_segment, &forest.response_length, &forest.leaf_response})
    column->reserve(responses);
}

std::int32_t append_group(Forest& forest, std::span<const std::int32_t> prompt, std::int32_t responses) {
  const std::int32_t first = forest.group_response.back();
  const std::int32_t root = append_chain(forest, -1, -1, static_cast<std::int32_t>(prompt.size()),
                                         {first, first + responses}, false);
  forest.token.insert(forest.token.end(), prompt.begin(), prompt.end());
  append(forest.old_logp, prompt.size(), 0.0F);
  append(forest.entropy, prompt.size(), 0.0F);
  append(forest.response_segment, static_cast<std::size_t>(responses), root);
  append(forest.response_length, static_cast<std::size_t>(responses), 0);
  return root;
}

std::int32_t append_segment(Forest& forest, std::int32_t parent, std::int32_t size, LeafRange leaves) {
  return append_chain(forest, parent, last_node(forest, parent), size, leaves, true);
}

void append_leaf(Forest& forest, std::int32_t response, std::int32_t segment) {
  const auto index = static_cast<std::size_t>(response);
  const std::int32_t last = last_node(forest, segment);
  const std::int32_t root = last_node(forest, forest.group_segment.back());
  const auto length = [&](std::int32_t node) {
    return node < 0 ? 0 : forest.depth[static_cast<std::size_t>(node)] + 1;
  };
  forest.leaf_response.push_back(response);
  forest.response_segment[index] = segment;
  forest.response_length[index] = length(last) - length(root);
}

void close_group(Forest& forest) {
  forest.group_node.push_back(static_cast<std::int32_t>(forest.parent.size()));
  forest.group_response.push_back(static_cast<std::int32_t>(forest.response_segment.size()));
  forest.group_segment.push_back(static_cast<std::int32_t>(forest.segments.size()));
}

}  // namespace tempo::tree
