// A forest as the kernels read it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tempo/kernels/forest.h"
#include "tempo/tree/forest.h"

namespace tempo::credit {

// Returns the groups as the kernels read them.
kernels::FlatGroups kernel_groups(const tree::FlatGroups& groups);

class Plan {
 public:
  // The forest's own segments.
  explicit Plan(const tree::Forest& forest) : Plan(forest, {}) {}

  // Segments cut before every response's node that has credit of its own, so that it is the first of one.
  // node_credit: [N], or empty: none has.
  Plan(const tree::Forest& forest, std::span<const float> node_credit);

  // What build_forest would make of the responses, without its nodes. The groups' prompts and columns are not
  // read; the rest must outlive the plan. Throws what FlatGroups::validate throws.
  explicit Plan(const tree::FlatGroups& groups);

  const kernels::FlatGroups& groups() const { return groups_; }
  const kernels::ForestPlan& view() const { return view_; }
  std::size_t segments() const { return segments_.size(); }                     // or more
  const std::vector<float>& segment_credit() const { return segment_credit_; }  // [segments]

 private:
  void set_view();
  void add_segment(const tree::Forest& forest, std::size_t segment, std::span<const float> node_credit);
  void add_piece(const tree::Forest& forest, kernels::ForestSegment piece,
                 std::span<const float> node_credit);

  std::vector<kernels::ForestSegment> segments_;
  std::vector<float> segment_credit_;
  std::vector<std::int32_t> last_piece_;  // [S] of each of the forest's segments
  std::vector<std::int32_t> leaf_response_, leaf_shared_, response_segment_, group_node_, group_segment_;
  std::vector<std::int32_t> group_offsets_, response_offsets_;
  kernels::FlatGroups groups_;
  kernels::ForestPlan view_;
};

}  // namespace tempo::credit
