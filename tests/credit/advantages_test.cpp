// Properties of the advantages on random forests (docs/algorithm.md).
#include "tempo/credit/advantages.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "credit/definition.h"
#include "tree/random_groups.h"

using tempo::credit::AdvantageOptions;
using tempo::credit::assign_credit;
using tempo::credit::Credit;
using tempo::credit::Estimator;
using tempo::credit::node_values;
using tempo::credit::token_advantages;
using tempo::testing::any_shape;
using tempo::testing::random_groups;
using tempo::testing::RandomGroups;
using tempo::tree::FlatGroups;
using tempo::tree::Forest;
using tempo::tree::Merge;
using Floats = std::vector<float>;

namespace {

constexpr std::uint64_t kForests = 1000;
constexpr Estimator kEstimators[] = {Estimator::kTempo, Estimator::kGrpo, Estimator::kDrGrpo,
                                     Estimator::kRloo};

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

Floats zeros(const RandomGroups& groups) { return Floats(groups.response_tokens.size()); }

}  // namespace

TEST_CASE("token_advantages: every estimator agrees with its definition", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    for (const Estimator estimator : kEstimators) {
      const AdvantageOptions options{.estimator = estimator, .divide_by_std = seed % 3 != 0};
      const auto expected = tempo::testing::defined_advantages(groups.flat(), groups.rewards, options);
      const Floats got = token_advantages(groups.flat(), groups.rewards, options);
      REQUIRE(got.size() == expected.size());
      for (std::size_t t = 0; t < got.size(); ++t) {
        const auto [outcome, tree] = expected[t];
        // Both parts are rounded to float, then their sum: each at most 2^-24 of its size. The definition
        // sums up to 64 rewards of size 2 with an error below 64 x 2 x 2^-53, which division by 1e-6, where
        // they are equal, makes 1.5e-8.
        const double tolerance = std::ldexp(std::abs(outcome) + std::abs(tree), -23) + 1.5e-8;
        REQUIRE(std::abs(got[t] - (outcome + tree)) <= tolerance);
      }
    }
  }
}

TEST_CASE("token_advantages: flat arrays and a forest give the same bits", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    const Forest forest = build_forest(groups.flat());
    for (const Estimator estimator : kEstimators) {
      const AdvantageOptions options{.estimator = estimator, .value_shrinkage = seed % 2 ? 0.0 : 1.5};
      REQUIRE(token_advantages(forest, assign_credit(forest, groups.rewards, options)) ==
              token_advantages(groups.flat(), groups.rewards, options));
    }
  }
}

TEST_CASE("token_advantages: permuting responses permutes advantages bit for bit", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    tempo::testing::RandomGroupsOptions options = any_shape(seed);
    options.groups = 1;
    const RandomGroups groups = random_groups(options);
    const FlatGroups flat = groups.flat();
    std::vector<std::int32_t> order(groups.rewards.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
    std::mt19937_64 random(seed);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);

    RandomGroups permuted;
    Floats expected;
    const Floats advantages = token_advantages(flat, groups.rewards);
    for (const std::int32_t i : order) {
      const auto tokens = flat.response(i);
      permuted.response_tokens.insert(permuted.response_tokens.end(), tokens.begin(), tokens.end());
      permuted.response_offsets.push_back(static_cast<std::int32_t>(permuted.response_tokens.size()));
      permuted.rewards.push_back(groups.rewards[at(i)]);
      expected.insert(expected.end(), advantages.begin() + flat.response_offsets[at(i)],
                      advantages.begin() + flat.response_offsets[at(i) + 1]);
    }
    permuted.group_offsets.push_back(flat.responses());
    permuted.prompt_offsets.clear();
    REQUIRE(token_advantages(permuted.flat(), permuted.rewards) == expected);
  }
}

TEST_CASE("token_advantages: equal rewards give exact zeros", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    RandomGroups groups = random_groups(any_shape(seed));
    std::fill(groups.rewards.begin(), groups.rewards.end(), 0.1F);
    for (const Estimator estimator : kEstimators)
      REQUIRE(token_advantages(groups.flat(), groups.rewards,
                               {.estimator = estimator, .epsilon = 0, .value_shrinkage = 0.3}) ==
              zeros(groups));
  }
}

TEST_CASE("token_advantages: a group of one response gets zeros", "[credit]") {
  const RandomGroups groups = random_groups({.groups = 50, .max_responses = 1, .seed = 3});
  for (const Estimator estimator : kEstimators)
    CHECK(token_advantages(groups.flat(), groups.rewards, {.estimator = estimator, .epsilon = 0}) ==
          zeros(groups));
}

TEST_CASE("assign_credit: the tree terms of a path add up to V(end) - mu", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    const Forest forest = build_forest(groups.flat());
    const Credit credit = assign_credit(forest, groups.rewards, {.divide_by_std = false});
    const auto values = node_values(forest, groups.rewards);
    for (std::int32_t i = 0; i < forest.responses(); ++i) {
      const auto path = response_path(forest, i);
      if (forest.response_length[at(i)] == 0) continue;
      const std::size_t last = at(path.back().end - 1);
      double sum = 0;
      for (const auto [begin, end] : path)
        for (std::int32_t n = begin; n < end; ++n) sum += credit.node[at(n)];
      const double mu = groups.rewards[at(i)] - credit.response[at(i)];
      // At most 40 terms and mu, each below 4 and rounded to float: 41 x 4 x 2^-25 < 5e-6.
      REQUIRE(std::abs(sum - (values[last] - mu)) < 5e-6);
      // A response that ends alone has V(end) = r, so its terms add up to r - mu.
      if (forest.weight[last] == 1) REQUIRE(std::abs(sum - credit.response[at(i)]) < 5e-6);
    }
  }
}

TEST_CASE("assign_credit: where all rewards below a node are equal the tree adds nothing", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    RandomGroups groups = random_groups(any_shape(seed));
    for (float& reward : groups.rewards) reward = reward > 0 ? 0.1F : 0.7F;
    const Forest forest = build_forest(groups.flat());
    const Credit credit = assign_credit(forest, groups.rewards);
    for (std::int32_t n = 0; n < forest.nodes(); ++n) {
      const std::int32_t above = forest.parent[at(n)];
      if (above < 0) continue;
      bool equal = true;
      const auto reward_of = [&](std::int32_t leaf) {
        return groups.rewards[at(forest.leaf_response[at(forest.first_leaf[at(above)] + leaf)])];
      };
      for (std::int32_t k = 1; k < forest.weight[at(above)]; ++k)
        equal = equal && reward_of(k) == reward_of(0);
      if (equal) REQUIRE(credit.node[at(n)] == 0);
    }
  }
}

TEST_CASE("assign_credit: TEMPO is GRPO past the last branch", "[credit]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    const Forest forest = build_forest(groups.flat());
    const Credit tempo = assign_credit(forest, groups.rewards);
    const Credit grpo = assign_credit(forest, groups.rewards, {.estimator = Estimator::kGrpo});
    REQUIRE(tempo.response == grpo.response);
    REQUIRE(grpo.node == Floats(at(forest.nodes())));
    for (std::int32_t n = 1; n < forest.nodes(); ++n)
      if (forest.parent[at(n)] >= 0 && forest.weight[at(forest.parent[at(n)])] == forest.weight[at(n)])
        REQUIRE(tempo.node[at(n)] == 0);
  }
}

TEST_CASE("token_advantages: without a shared prefix all but the first token is GRPO", "[credit]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    RandomGroups groups =
        random_groups({.min_responses = 2, .max_responses = 64, .min_length = 1, .seed = seed});
    for (std::size_t i = 0; i + 1 < groups.response_offsets.size(); ++i)
      groups.response_tokens[at(groups.response_offsets[i])] = static_cast<std::int32_t>(i);
    const Floats tempo = token_advantages(groups.flat(), groups.rewards);
    const Floats grpo = token_advantages(groups.flat(), groups.rewards, {.estimator = Estimator::kGrpo});
    for (std::int32_t i = 0; i < groups.flat().responses(); ++i) {
      const auto first = at(groups.response_offsets[at(i)]), end = at(groups.response_offsets[at(i) + 1]);
      REQUIRE(tempo[first] == 2 * grpo[first]);  // r - mu from the outcome and again from V(s') - V(root)
      for (std::size_t t = first + 1; t < end; ++t) REQUIRE(tempo[t] == grpo[t]);
    }
  }
}

TEST_CASE("token_advantages: equal responses get GRPO", "[credit]") {
  const std::vector<std::int32_t> tokens{1, 2, 3, 1, 2, 3, 1, 2, 3}, offsets{0, 3, 6, 9}, groups{0, 3};
  const FlatGroups flat{.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups};
  const Floats rewards{0.1F, 0.7F, 0.3F};
  CHECK(token_advantages(flat, rewards) == token_advantages(flat, rewards, {.estimator = Estimator::kGrpo}));
}

TEST_CASE("assign_credit: the unmerged forest has the same outcomes", "[credit]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(any_shape(seed));
    for (const Estimator estimator : kEstimators)
      REQUIRE(
          assign_credit(build_forest(groups.flat()), groups.rewards, {.estimator = estimator}).response ==
          assign_credit(build_forest(groups.flat(), Merge::kNone), groups.rewards, {.estimator = estimator})
              .response);
  }
}
