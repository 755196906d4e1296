#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "credit/definition.h"
#include "tempo/credit/advantages.h"
#include "tree/random_groups.h"

using tempo::credit::node_values;
using tempo::testing::RandomGroups;
using tempo::tree::build_forest;
using tempo::tree::FlatGroups;
using tempo::tree::Forest;

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

}  // namespace

TEST_CASE("node_values: the mean reward of the responses through a node", "[credit]") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    const FlatGroups flat = groups.flat();
    const Forest forest = build_forest(flat);
    const auto values = node_values(forest, groups.rewards);
    for (std::int32_t g = 0; g < forest.groups(); ++g) {
      const std::int32_t first = flat.group_offsets[at(g)], last = flat.group_offsets[at(g) + 1];
      const auto prompt_size = flat.prompt(g).size();
      for (std::int32_t i = first; i < last; ++i) {
        std::size_t position = 0;
        for (const auto [begin, end] : response_path(forest, i))
          for (std::int32_t n = begin; n < end; ++n, ++position) {
            const std::size_t length = position < prompt_size ? 0 : position - prompt_size + 1;
            const double expected = tempo::testing::prefix_value(flat, groups.rewards, first, last,
                                                                 flat.response(i).first(length));
            // Sums of at most 64 doubles of size 2, divided: below 64 x 2 x 2^-52.
            REQUIRE(std::abs(values[at(n)] - expected) < 1e-13);
          }
      }
    }
  }
}

TEST_CASE("node_values: shrinkage goes down the tree, branch by branch", "[credit]") {
  // (1 2 4) (1 2 5) (1 3) (6), rewards 1 0 1 0, kappa 1.
  const std::vector<std::int32_t> tokens{1, 2, 4, 1, 2, 5, 1, 3, 6}, offsets{0, 3, 6, 8, 9}, groups{0, 4};
  const std::vector<float> rewards{1, 0, 1, 0};
  const Forest forest =
      build_forest({.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups});
  const auto values = node_values(forest, rewards, 1);
  const double v1 = 0.5 + 3 / 4.0 * (2 / 3.0 - 0.5), v12 = v1 + 2 / 3.0 * (0.5 - v1);
  const std::vector<double> expected{v1, v12, v12 + 0.5 * (1 - v12), v12 / 2, v1 + 0.5 * (1 - v1), 0.25};
  REQUIRE(values.size() == expected.size());
  // A few operations on numbers below 1: a few times 2^-53.
  for (std::size_t n = 0; n < values.size(); ++n) CHECK(std::abs(values[n] - expected[n]) < 1e-15);
}

TEST_CASE("node_values: the prompt has the mean of its group", "[credit]") {
  const std::vector<std::int32_t> prompt{7, 7}, one{0, 2}, tokens{1, 2}, offsets{0, 1, 2, 2}, groups{0, 3};
  const Forest forest = build_forest({.prompt_tokens = prompt,
                                      .prompt_offsets = one,
                                      .response_tokens = tokens,
                                      .response_offsets = offsets,
                                      .group_offsets = groups});
  CHECK(node_values(forest, std::vector<float>{3, 1, 2}) == std::vector<double>{2, 2, 3, 1});
}
