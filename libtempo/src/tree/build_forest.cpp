#include <algorithm>

#include "tempo/kernels/forest.h"
#include "tempo/tree/forest.h"

namespace tempo::tree {
namespace {

std::int32_t largest_group(const FlatGroups& groups) {
  std::int32_t largest = 0;
  for (std::size_t g = 0; g + 1 < groups.group_offsets.size(); ++g)
    largest = std::max(largest, groups.group_offsets[g + 1] - groups.group_offsets[g]);
  return largest;
}

kernels::FlatGroups arrays_of(const FlatGroups& groups) {
  return {.groups = groups.groups(),
          .responses = groups.responses(),
          .largest_group = largest_group(groups),
          .response_token_count = std::ssize(groups.response_tokens),
          .prompt_token_count = std::ssize(groups.prompt_tokens),
          .group_offsets = groups.group_offsets.data(),
          .response_offsets = groups.response_offsets.data(),
          .response_tokens = groups.response_tokens.data(),
          .prompt_offsets = groups.prompt_offsets.empty() ? nullptr : groups.prompt_offsets.data(),
          .prompt_tokens = groups.prompt_tokens.data(),
          .old_logp = groups.old_logp.empty() ? nullptr : groups.old_logp.data(),
          .entropy = groups.entropy.empty() ? nullptr : groups.entropy.data()};
}

// Makes room for all but the nodes, and fills what needs no tree.
void add_responses(const kernels::FlatGroups& groups, Forest& forest) {
  const auto responses = static_cast<std::size_t>(groups.responses);
  forest.leaf_response.resize(responses);
  forest.response_segment.resize(responses);
  forest.response_length.resize(responses);
  for (std::size_t i = 0; i < responses; ++i)
    forest.response_length[i] = groups.response_offsets[i + 1] - groups.response_offsets[i];
  forest.group_response.assign(groups.group_offsets, groups.group_offsets + groups.groups + 1);
  forest.group_node.resize(forest.group_response.size());
  forest.group_segment.resize(forest.group_response.size());
}

void add_segments(std::span<const kernels::ForestSegment> segments, Forest& forest) {
  forest.segments.reserve(segments.size());
  for (const kernels::ForestSegment& segment : segments)
    forest.segments.push_back({.nodes = {segment.begin, segment.end}, .parent = segment.parent});
}

// Makes room for the columns of the nodes, which are written in place.
kernels::ForestNodes add_nodes(std::size_t nodes, Forest& forest) {
  for (auto* column : {&forest.token, &forest.parent, &forest.depth, &forest.weight, &forest.first_leaf,
                       &forest.node_segment})
    column->resize(nodes);
  forest.trainable.resize(nodes);
  forest.old_logp.resize(nodes);
  forest.entropy.resize(nodes);
  return {.token = forest.token.data(),
          .parent = forest.parent.data(),
          .depth = forest.depth.data(),
          .weight = forest.weight.data(),
          .first_leaf = forest.first_leaf.data(),
          .segment = forest.node_segment.data(),
          .trainable = forest.trainable.data(),
          .old_logp = forest.old_logp.data(),
          .entropy = forest.entropy.data()};
}

}  // namespace

Forest build_forest(const FlatGroups& groups, Merge merge) {
  groups.validate();
  const kernels::FlatGroups arrays = arrays_of(groups);
  Forest forest;
  add_responses(arrays, forest);
  std::vector<kernels::ForestSegment> segments(
      static_cast<std::size_t>(kernels::most_segments(arrays.groups, arrays.responses)));
  std::vector<std::int32_t> leaf_shared(forest.leaf_response.size());
  const kernels::ForestPlan plan{.leaf_response = forest.leaf_response.data(),
                                 .leaf_shared = leaf_shared.data(),
                                 .response_segment = forest.response_segment.data(),
                                 .segments = segments.data(),
                                 .group_node = forest.group_node.data(),
                                 .group_segment = forest.group_segment.data(),
                                 .error = nullptr};
  kernels::cpu::plan_forest(
      arrays, merge == Merge::kPrefixes ? kernels::ForestMerge::kPrefixes : kernels::ForestMerge::kNone,
      plan);
  add_segments(std::span(segments).first(static_cast<std::size_t>(forest.group_segment.back())), forest);
  kernels::cpu::write_nodes(arrays, plan,
                            add_nodes(static_cast<std::size_t>(forest.group_node.back()), forest));
  return forest;
}

}  // namespace tempo::tree
