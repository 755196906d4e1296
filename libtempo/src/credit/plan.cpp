#include "plan.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

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
  for (std::size_t g = 0; g < at(forest.groups()); ++g)
    groups_.largest_group = std::max(groups_.largest_group, group_offsets_[g + 1] - group_offsets_[g]);
  groups_.response_token_count = response_offsets_.back();
  groups_.group_offsets = group_offsets_.data();
  groups_.response_offsets = response_offsets_.data();
  view_.leaf_response = leaf_response_.data();
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
