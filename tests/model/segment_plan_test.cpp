#include "tempo/model/segment_plan.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <numeric>
#include <vector>

#include "tree/random_groups.h"

using namespace tempo;
using tree::NodeRange;

namespace {

std::vector<std::int32_t> counted(std::int32_t count) {
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Returns the nodes that node n sees, from its sequence's first, by walking up.
std::vector<std::int32_t> ancestors(const tree::Forest& forest, std::int32_t n) {
  std::vector<std::int32_t> nodes;
  for (; n >= 0; n = forest.parent[static_cast<std::size_t>(n)]) nodes.insert(nodes.begin(), n);
  return nodes;
}

std::vector<std::int32_t> keys_of(const model::SegmentPlan& plan, const model::PlanSegment& segment) {
  std::vector<std::int32_t> keys;
  for (auto r = segment.range_begin; r < segment.range_end; ++r) {
    const NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    for (auto n = range.begin; n < range.end; ++n) keys.push_back(n);
  }
  return keys;
}

tree::Forest random_forest(std::uint64_t seed) {
  return tree::build_forest(tempo::testing::random_groups(tempo::testing::any_shape(seed)).flat());
}

}  // namespace

TEST_CASE("plan_forest: each segment sees its path's nodes, contiguous ones as one range", "[model]") {
  // Prompt 5 6; responses 1 2 | 1 3 | 4: nodes 5 6 1 2 3 4.
  const std::vector<std::int32_t> prompt{5, 6}, prompts{0, 2}, tokens{1, 2, 1, 3, 4}, responses{0, 2, 4, 5},
      groups{0, 3};
  const auto plan = model::plan_forest(tree::build_forest({.prompt_tokens = prompt,
                                                           .prompt_offsets = prompts,
                                                           .response_tokens = tokens,
                                                           .response_offsets = responses,
                                                           .group_offsets = groups}));
  CHECK(plan.token == std::vector<std::int32_t>{5, 6, 1, 2, 3, 4});
  CHECK(plan.position == std::vector<std::int32_t>{0, 1, 2, 3, 3, 2});
  CHECK(plan.slot == counted(6));
  CHECK((plan.key_ranges == std::vector<NodeRange>{{0, 2}, {0, 3}, {0, 4}, {0, 3}, {4, 5}, {0, 2}, {5, 6}}));
  REQUIRE(plan.segments.size() == 5);
  CHECK(plan.segments[3].query_begin == 4);
  CHECK(plan.segments[3].query_end == 5);
  CHECK(plan.segments[3].range_begin == 3);
  CHECK(plan.segments[3].range_end == 5);
  CHECK(plan.segments[3].keys == 4);
}

TEST_CASE("plan_forest: the keys of a segment are the nodes above its last and itself", "[model]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 320)));
  CAPTURE(seed);
  const tree::Forest forest = random_forest(seed);
  const model::SegmentPlan plan = model::plan_forest(forest);
  std::int32_t covered = 0;
  for (const model::PlanSegment& segment : plan.segments) {
    REQUIRE(segment.query_begin == covered);
    REQUIRE(segment.query_end > covered);
    covered = segment.query_end;
    const std::vector<std::int32_t> keys = keys_of(plan, segment);
    REQUIRE(keys == ancestors(forest, segment.query_end - 1));
    REQUIRE(static_cast<std::size_t>(segment.keys) == keys.size());
  }
  CHECK(covered == forest.nodes());
}

TEST_CASE("plan_forest: an empty forest and an empty prompt give no segment", "[model]") {
  CHECK(model::plan_forest(tree::Forest{}).segments.empty());
  const std::vector<std::int32_t> prompts{0, 0}, responses{0, 0}, groups{0, 1};
  const auto plan = model::plan_forest(tree::build_forest(
      {.prompt_offsets = prompts, .response_offsets = responses, .group_offsets = groups}));
  CHECK(plan.segments.empty());
  CHECK(plan.tokens() == 0);
}

TEST_CASE("plan_sequence: is one segment that sees itself", "[model]") {
  const model::SegmentPlan plan = model::plan_sequence({7, 8, 9});
  CHECK(plan.token == std::vector<std::int32_t>{7, 8, 9});
  CHECK(plan.position == counted(3));
  CHECK(plan.slot == counted(3));
  CHECK((plan.key_ranges == std::vector<NodeRange>{{0, 3}}));
  REQUIRE(plan.segments.size() == 1);
  CHECK(plan.segments[0].query_end == 3);
  CHECK(plan.segments[0].keys == 3);
  CHECK(model::plan_sequence({}).segments.empty());
}
