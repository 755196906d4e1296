#include "tempo/tree/forest.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <vector>

#include "tempo/core/error.h"
#include "tree/random_groups.h"

using Catch::Matchers::Message;
using tempo::testing::any_shape;
using tempo::testing::RandomGroups;
using tempo::tree::build_forest;
using tempo::tree::Forest;
using tempo::tree::Merge;
using tempo::tree::NodeRange;
using tempo::tree::Segment;

namespace {

constexpr std::uint64_t kForests = 1000;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Calls check(forest) on random forests, merged and not.
template <typename Check>
void for_forests(const Check& check) {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    for (const Merge merge : {Merge::kPrefixes, Merge::kNone}) check(build_forest(groups.flat(), merge));
  }
}

}  // namespace

TEST_CASE("Forest: a parent stands before its child and one position higher", "[tree]") {
  for_forests([](const Forest& forest) {
    for (std::int32_t n = 0; n < forest.nodes(); ++n) {
      const std::int32_t parent = forest.parent[at(n)];
      REQUIRE(parent < n);
      REQUIRE(forest.depth[at(n)] == (parent == -1 ? 0 : forest.depth[at(parent)] + 1));
    }
  });
}

TEST_CASE("Forest: responses through a node end there or go on to a child", "[tree]") {
  for_forests([](const Forest& forest) {
    std::vector<std::int32_t> below(at(forest.nodes()));
    for (std::int32_t i = 0; i < forest.responses(); ++i)
      if (const auto path = response_path(forest, i); !path.empty()) ++below[at(path.back().end - 1)];
    for (std::int32_t n = 0; n < forest.nodes(); ++n)
      if (forest.parent[at(n)] != -1) below[at(forest.parent[at(n)])] += forest.weight[at(n)];
    REQUIRE(below == forest.weight);
  });
}

TEST_CASE("Forest: segments divide the nodes into maximal chains", "[tree]") {
  for_forests([](const Forest& forest) {
    std::int32_t next = 0;
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(forest.segments.size()); ++s) {
      const auto& [nodes, parent] = forest.segments[at(s)];
      REQUIRE(nodes.begin == next);
      REQUIRE(parent < s);
      next = nodes.end;
      for (std::int32_t n = nodes.begin; n < nodes.end; ++n) {
        REQUIRE(forest.node_segment[at(n)] == s);
        const std::int32_t above = forest.parent[at(n)];
        if (n > nodes.begin) REQUIRE((above == n - 1 && forest.weight[at(above)] == forest.weight[at(n)]));
        if (n == nodes.begin && above != -1) {
          REQUIRE(above == forest.segments[at(parent)].nodes.end - 1);
          const bool cut = forest.weight[at(above)] != forest.weight[at(n)] || !forest.trainable[at(above)];
          REQUIRE(cut);
        }
      }
    }
    REQUIRE(next == forest.nodes());
  });
}

TEST_CASE("Forest: the responses through a node are one interval of leaves", "[tree]") {
  for_forests([](const Forest& forest) {
    std::vector<std::int32_t> position(at(forest.responses()));
    for (std::int32_t k = 0; k < forest.responses(); ++k) position[at(forest.leaf_response[at(k)])] = k;
    std::vector<std::int32_t> seen(at(forest.nodes()));
    for (std::int32_t i = 0; i < forest.responses(); ++i)
      for (const auto [begin, end] : response_path(forest, i))
        for (std::int32_t n = begin; n < end; ++n) {
          const std::int32_t k = position[at(i)] - forest.first_leaf[at(n)];
          REQUIRE((k >= 0 && k < forest.weight[at(n)]));
          ++seen[at(n)];
        }
    REQUIRE(seen == forest.weight);
  });
}

TEST_CASE("Forest: a path is contiguous ranges, the prompt's first", "[tree]") {
  const std::vector<std::int32_t> prompt{5}, tokens{1, 2, 1, 3}, two{0, 2, 4}, one{0, 1}, groups{0, 2};
  const Forest forest = build_forest({.prompt_tokens = prompt,
                                      .prompt_offsets = one,
                                      .response_tokens = tokens,
                                      .response_offsets = two,
                                      .group_offsets = groups});
  CHECK(response_path(forest, 1) == std::vector<NodeRange>{{0, 1}, {1, 2}, {3, 4}});
}

TEST_CASE("Forest: indices out of range are errors", "[tree]") {
  const Forest empty;
  CHECK_THROWS_MATCHES(response_path(empty, 0), tempo::Error,
                       Message("response_path: response: expected 0 to below 0, got 0"));
  CHECK_THROWS_MATCHES(response_tokens(empty, -1), tempo::Error,
                       Message("response_tokens: response: expected 0 to below 0, got -1"));
}
