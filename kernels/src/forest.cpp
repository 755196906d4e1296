#include "tempo/kernels/forest.h"

#include <span>
#include <vector>

#include "forest_check.h"
#include "forest_order.h"

namespace tempo::kernels {
namespace {

// One core reads fewer in less time than other threads may take to begin.
constexpr std::int64_t kManyTokens = 1 << 20;

GroupsError check_offsets(const FlatGroups& groups) {
  GroupsError error = GroupsError::kNone;
  for (std::int64_t i = 0; i < most_offsets(groups); ++i)
    error = first_error(error, offsets_error(groups, i));
  return error;
}

// A later leaf that leaves the current path after `depth` tokens.
struct Departure {
  std::int32_t depth, leaf;
};

// Memory that the groups work in, so that nothing is allocated by several threads, and nothing written to the
// plan before all are checked.
struct Scratch {
  std::vector<Leaf> leaves, merged;   // [R]
  std::vector<Departure> departures;  // [R + G]
};

// One group, planned as if it were the first: its nodes and segments count from 0 until place_groups.
class GroupPlanner {
 public:
  GroupPlanner(const FlatGroups& groups, const ForestPlan& plan, std::int32_t group)
      : groups_(groups),
        plan_(plan),
        group_(group),
        begin_(groups.group_offsets[group]),
        end_(groups.group_offsets[group + 1]),
        segments_(plan.segments + most_segments(group, begin_)) {
    if (!groups.prompt_offsets) return;
    prompt_begin_ = groups.prompt_offsets[group];
    prompt_ = groups.prompt_offsets[group + 1] - prompt_begin_;
  }

  bool order(ForestMerge merge, Scratch& scratch) const;
  void write_order(const Scratch& scratch) const;
  const ForestSegment* cut(Departure* departures) const;
  void link(const ForestSegment* chain) const;

 private:
  ForestSegment* room_end() const { return segments_ + most_segments(1, end_ - begin_); }

  const FlatGroups& groups_;
  const ForestPlan& plan_;
  std::int32_t group_, begin_, end_;  // leaves [begin_, end_)
  std::int32_t prompt_begin_ = 0, prompt_ = 0;
  ForestSegment* segments_;
};

// Orders the leaves, in `scratch`. Returns whether the group has a negative token; false: the caller has
// checked.
bool GroupPlanner::order(ForestMerge merge, Scratch& scratch) const {
  const std::span<Leaf> leaves(scratch.leaves.data() + begin_, static_cast<std::size_t>(end_ - begin_));
  for (std::int32_t i = begin_; i < end_; ++i)
    leaves[static_cast<std::size_t>(i - begin_)] = {.response = i, .shared = 0, .shared_with_first = 0};
  bool negative = false;
  if (merge == ForestMerge::kPrefixes) {
    compare_to_first(groups_, leaves, plan_.error ? &negative : nullptr);
    sort_leaves(groups_, leaves, {scratch.merged.data() + begin_, leaves.size()});
  } else if (plan_.error) {
    const std::int32_t* const tokens = groups_.response_tokens;
    negative =
        any_negative({tokens + groups_.response_offsets[begin_], tokens + groups_.response_offsets[end_]});
  }
  const auto prompt = static_cast<std::size_t>(prompt_);
  return negative || (plan_.error && any_negative({groups_.prompt_tokens + prompt_begin_, prompt}));
}

void GroupPlanner::write_order(const Scratch& scratch) const {
  for (std::int32_t leaf = begin_; leaf < end_; ++leaf) {
    plan_.leaf_response[leaf] = scratch.leaves[static_cast<std::size_t>(leaf)].response;
    plan_.leaf_shared[leaf] = scratch.leaves[static_cast<std::size_t>(leaf)].shared;
  }
}

// Cuts what each leaf does not share with the leaf before it where later leaves depart. Fills the room of the
// group's segments from its end, and returns the first. Walking backwards, `departures` holds those of the
// leaves seen that no leaf between them and the current one departs before: the nearest, deepest one last.
const ForestSegment* GroupPlanner::cut(Departure* departures) const {
  ForestSegment* to = room_end();
  Departure* nearest = departures;
  *nearest = {.depth = -1, .leaf = end_};
  for (std::int32_t leaf = end_ - 1; leaf >= begin_; --leaf) {
    const std::int32_t shared = plan_.leaf_shared[leaf], response = plan_.leaf_response[leaf];
    const std::int32_t offset = groups_.response_offsets[response];
    std::int32_t cut = groups_.response_offsets[response + 1] - offset;
    const auto cut_at = [&](std::int32_t depth) {
      if (depth < cut)
        *--to = {.begin = 0,
                 .end = cut - depth,
                 .parent = 0,
                 .first_leaf = leaf,
                 .weight = nearest->leaf - leaf,
                 .depth = prompt_ + depth,
                 .source = offset + depth,
                 .parent_node = 0};
      cut = depth;
    };
    for (; nearest->depth > shared; --nearest) cut_at(nearest->depth);
    cut_at(shared);
    *++nearest = {.depth = shared, .leaf = leaf};
  }
  return to;
}

// Moves the segments behind the root, and numbers and joins them.
void GroupPlanner::link(const ForestSegment* chain) const {
  segments_[0] = {.begin = 0,
                  .end = prompt_,
                  .parent = -1,
                  .first_leaf = begin_,
                  .weight = end_ - begin_,
                  .depth = 0,
                  .source = prompt_begin_,
                  .parent_node = -1};
  std::int32_t last = 0, count = 1;
  for (std::int32_t leaf = begin_; leaf < end_; ++leaf) {
    const auto depth_end = [&] {
      return segments_[last].depth + segments_[last].end - segments_[last].begin;
    };
    while (depth_end() > prompt_ + plan_.leaf_shared[leaf]) last = segments_[last].parent;
    for (; chain != room_end() && chain->first_leaf == leaf; ++chain) {
      ForestSegment segment = *chain;
      segment.begin = segments_[count - 1].end;
      segment.end += segment.begin;
      segment.parent = last;
      segment.parent_node = segment.depth == 0 ? -1 : segments_[last].end - 1;
      segments_[count] = segment;
      last = count++;
    }
    plan_.response_segment[plan_.leaf_response[leaf]] = last;
  }
  plan_.group_node[group_] = segments_[count - 1].end;
  plan_.group_segment[group_] = count;
}

// Moves the groups' segments, planned apart, one behind the other.
void place_groups(const FlatGroups& groups, const ForestPlan& plan) {
  std::int32_t node = 0, first = 0;
  for (std::int32_t g = 0; g < groups.groups; ++g) {
    const std::int32_t nodes = plan.group_node[g], segments = plan.group_segment[g];
    const ForestSegment* const from = plan.segments + most_segments(g, groups.group_offsets[g]);
    for (std::int32_t i = 0; i < segments; ++i) {
      ForestSegment segment = from[i];
      segment.begin += node;
      segment.end += node;
      if (segment.parent >= 0) segment.parent += first;
      if (segment.parent_node >= 0) segment.parent_node += node;
      plan.segments[first + i] = segment;
    }
    for (std::int32_t i = groups.group_offsets[g]; i < groups.group_offsets[g + 1]; ++i)
      plan.response_segment[i] += first;
    plan.group_node[g] = node;
    plan.group_segment[g] = first;
    node += nodes;
    first += segments;
  }
  plan.group_node[groups.groups] = node;
  plan.group_segment[groups.groups] = first;
}

}  // namespace

std::int64_t most_segments(std::int32_t groups, std::int32_t responses) {
  return groups + 2 * std::int64_t{responses};
}

std::size_t forest_workspace_bytes(const FlatGroups& groups) {
  // What each two responses of a group share, and how many segments each leaf adds.
  return sizeof(std::int32_t) * static_cast<std::size_t>(groups.responses) *
         (static_cast<std::size_t>(groups.largest_group) + 1);
}

namespace cpu {

void plan_forest(const FlatGroups& groups, ForestMerge merge, const ForestPlan& plan) {
  if (plan.error) *plan.error = check_offsets(groups);
  if (plan.error && *plan.error != GroupsError::kNone) return;
  Scratch scratch;
  const auto responses = static_cast<std::size_t>(groups.responses);
  scratch.leaves.resize(responses);
  scratch.merged.resize(responses);
  scratch.departures.resize(responses + static_cast<std::size_t>(groups.groups));
  bool negative = false;
#pragma omp parallel if (groups.response_token_count > kManyTokens)
  {
#pragma omp for schedule(dynamic) reduction(|| : negative)
    for (std::int32_t g = 0; g < groups.groups; ++g)
      negative = GroupPlanner(groups, plan, g).order(merge, scratch) || negative;
#pragma omp for schedule(static)
    for (std::int32_t g = 0; g < groups.groups; ++g) {
      if (negative) continue;
      const GroupPlanner planner(groups, plan, g);
      planner.write_order(scratch);
      planner.link(planner.cut(scratch.departures.data() + groups.group_offsets[g] + g));
    }
  }
  if (negative)
    *plan.error = GroupsError::kNegativeToken;
  else
    place_groups(groups, plan);
}

}  // namespace cpu
}  // namespace tempo::kernels
