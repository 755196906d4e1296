#include "tempo/model/segment_plan.h"

#include <numeric>
#include <utility>

namespace tempo::model {
namespace {

// Appends the node ranges of the path that ends with the segment, contiguous neighbours merged.
void append_path(const tree::Forest& forest, std::int32_t segment, std::vector<tree::NodeRange>& ranges) {
  std::vector<tree::NodeRange> upwards;
  for (std::int32_t s = segment; s >= 0; s = forest.segments[static_cast<std::size_t>(s)].parent) {
    const tree::NodeRange nodes = forest.segments[static_cast<std::size_t>(s)].nodes;
    if (nodes.size() == 0) continue;
    if (!upwards.empty() && nodes.end == upwards.back().begin) {
      upwards.back().begin = nodes.begin;
    } else {
      upwards.push_back(nodes);
    }
  }
  ranges.insert(ranges.end(), upwards.rbegin(), upwards.rend());
}

}  // namespace

SegmentPlan plan_forest(const tree::Forest& forest) {
  SegmentPlan plan;
  plan.token = forest.token;
  plan.position = forest.depth;
  plan.slot.resize(forest.token.size());
  std::iota(plan.slot.begin(), plan.slot.end(), 0);
  for (std::size_t s = 0; s < forest.segments.size(); ++s) {
    const tree::NodeRange nodes = forest.segments[s].nodes;
    if (nodes.size() == 0) continue;
    PlanSegment segment{.query_begin = nodes.begin, .query_end = nodes.end};
    segment.range_begin = static_cast<std::int32_t>(plan.key_ranges.size());
    append_path(forest, static_cast<std::int32_t>(s), plan.key_ranges);
    segment.range_end = static_cast<std::int32_t>(plan.key_ranges.size());
    segment.keys = forest.depth[static_cast<std::size_t>(nodes.end - 1)] + 1;
    plan.segments.push_back(segment);
  }
  return plan;
}

SegmentPlan plan_sequence(std::vector<std::int32_t> tokens) {
  SegmentPlan plan;
  plan.token = std::move(tokens);
  plan.position.resize(plan.token.size());
  std::iota(plan.position.begin(), plan.position.end(), 0);
  plan.slot = plan.position;
  const std::int32_t count = plan.tokens();
  if (count > 0) {
    plan.key_ranges = {{0, count}};
    plan.segments = {{.query_begin = 0, .query_end = count, .range_begin = 0, .range_end = 1, .keys = count}};
  }
  return plan;
}

}  // namespace tempo::model
