#include "plan.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numeric>

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

std::int32_t largest_group(std::span<const std::int32_t> offsets) {
  std::int32_t largest = 0;
  for (std::size_t g = 0; g + 1 < offsets.size(); ++g)
    largest = std::max(largest, offsets[g + 1] - offsets[g]);
  return largest;
}

}  // namespace

kernels::FlatGroups kernel_groups(const tree::FlatGroups& groups) {
  kernels::FlatGroups result;
  result.groups = groups.groups();
  result.responses = groups.responses();
  result.largest_group = largest_group(groups.group_offsets);
  result.response_token_count = std::ssize(groups.response_tokens);
  result.group_offsets = groups.group_offsets.data();
  result.response_offsets = groups.response_offsets.data();
  result.response_tokens = groups.response_tokens.data();
  return result;
}

Plan::Plan(const tree::Forest& forest, std::span<const float> node_credit)
    : leaf_response_(forest.leaf_response),
      response_segment_(forest.response_segment),
      group_node_(forest.group_node),
      group_segment_{0},
      group_offsets_(forest.group_response),
      response_offsets_{0} {
  segments_.reserve(forest.segments.size());
  for (std::size_t g = 0; g < at(forest.groups()); ++g) {
    for (std::size_t s = at(forest.group_segment[g]); s < at(forest.group_segment[g + 1]); ++s)
      add_segment(forest, s, node_credit);
    // A root has the whole group below it, and no node to say so where the prompt is empty.
    kernels::ForestSegment& root = segments_[at(group_segment_.back())];
    root.first_leaf = group_offsets_[g];
    root.weight = group_offsets_[g + 1] - group_offsets_[g];
    group_segment_.push_back(static_cast<std::int32_t>(segments_.size()));
  }
  for (std::int32_t& segment : response_segment_) segment = last_piece_[at(segment)];
  std::partial_sum(forest.response_length.begin(), forest.response_length.end(),
                   std::back_inserter(response_offsets_));

  groups_.groups = forest.groups();
  groups_.responses = forest.responses();
  groups_.largest_group = largest_group(group_offsets_);
  groups_.response_token_count = response_offsets_.back();
  groups_.group_offsets = group_offsets_.data();
  groups_.response_offsets = response_offsets_.data();
  set_view();
}

Plan::Plan(const tree::FlatGroups& flat) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  tree::FlatGroups responses = flat;
  responses.prompt_tokens = responses.prompt_offsets = {};
  responses.old_logp = responses.entropy = {};
  // The kernel checks the rest, with several threads.
  if (flat.group_offsets.empty() || flat.response_offsets.empty() || flat.response_tokens.size() > kMost)
    responses.validate();
  groups_ = kernel_groups(responses);
  segments_.resize(static_cast<std::size_t>(kernels::most_segments(groups_.groups, groups_.responses)));
  for (auto* column : {&leaf_response_, &leaf_shared_, &response_segment_})
    column->resize(at(groups_.responses));
  for (auto* column : {&group_node_, &group_segment_}) column->resize(flat.group_offsets.size());
  set_view();
  kernels::GroupsError error{};
  view_.error = &error;
  kernels::cpu::plan_forest(groups_, kernels::ForestMerge::kPrefixes, view_);
  view_.error = nullptr;
  if (error != kernels::GroupsError::kNone) responses.validate();
}

void Plan::set_view() {
  view_.leaf_response = leaf_response_.data();
  view_.leaf_shared = leaf_shared_.data();
  view_.response_segment = response_segment_.data();
  view_.segments = segments_.data();
  view_.group_node = group_node_.data();
  view_.group_segment = group_segment_.data();
}

void Plan::add_segment(const tree::Forest& forest, std::size_t segment, std::span<const float> node_credit) {
  const auto& [nodes, parent] = forest.segments[segment];
  kernels::ForestSegment piece{};
  piece.begin = nodes.begin;
  piece.parent = parent < 0 ? -1 : last_piece_[at(parent)];
  for (std::int32_t n = nodes.begin + 1; n < nodes.end && parent >= 0 && !node_credit.empty(); ++n) {
    if (node_credit[at(n)] == 0) continue;
    piece.end = n;
    add_piece(forest, piece, node_credit);
    piece.begin = n;
    piece.parent = static_cast<std::int32_t>(segments_.size()) - 1;
  }
  piece.end = nodes.end;
  add_piece(forest, piece, node_credit);
  last_piece_.push_back(static_cast<std::int32_t>(segments_.size()) - 1);
}

void Plan::add_piece(const tree::Forest& forest, kernels::ForestSegment piece,
                     std::span<const float> node_credit) {
  if (piece.begin < piece.end) {
    piece.first_leaf = forest.first_leaf[at(piece.begin)];
    piece.weight = forest.weight[at(piece.begin)];
  }
  segment_credit_.push_back(node_credit.empty() || piece.parent < 0 ? 0.0F : node_credit[at(piece.begin)]);
  segments_.push_back(piece);
}

}  // namespace tempo::credit
