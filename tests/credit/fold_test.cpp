#include "tempo/credit/fold.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <vector>

#include "tempo/core/error.h"
#include "tree/random_groups.h"

using Catch::Matchers::Message;
using tempo::credit::Aggregation;
using tempo::credit::assign_credit;
using tempo::credit::Credit;
using tempo::credit::FoldedCredit;
using tempo::credit::token_weights;
using tempo::testing::RandomGroups;
using tempo::tree::build_forest;
using tempo::tree::Forest;
using tempo::tree::Merge;
using Doubles = std::vector<double>;

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// What each node should hold, summed over every response's tokens one by one.
struct Sums {
  Doubles positive, negative, weight;
  std::vector<std::int32_t> positive_count, negative_count;
};

Sums brute_force(const Forest& forest, const Credit& credit, const Doubles& weights) {
  const std::size_t n = at(forest.nodes());
  Sums sums{Doubles(n), Doubles(n), Doubles(n), std::vector<std::int32_t>(n), std::vector<std::int32_t>(n)};
  for (std::int32_t i = 0; i < forest.responses(); ++i)
    for (const auto [begin, end] : response_path(forest, i))
      for (std::size_t node = at(begin); node < at(end); ++node) {
        if (!forest.trainable[node]) continue;
        const float advantage = credit.response[at(i)] + credit.node[node];
        const double weighted = weights[at(i)] * advantage;
        (advantage > 0 ? sums.positive : sums.negative)[node] += std::abs(weighted);
        sums.weight[node] += weights[at(i)];
        if (advantage != 0) ++(advantage > 0 ? sums.positive_count : sums.negative_count)[node];
      }
  return sums;
}

void require_close(const std::vector<float>& got, const Doubles& expected) {
  REQUIRE(got.size() == expected.size());
  // Sums in double, rounded once to float: 2^-24, and 2^-46 for 64 additions in another order.
  for (std::size_t n = 0; n < got.size(); ++n)
    REQUIRE(std::abs(got[n] - expected[n]) <= 6e-8 * std::abs(expected[n]));
}

// The forest of (1 2) (1) (), 3 tokens.
Forest small_forest() {
  const std::vector<std::int32_t> tokens{1, 2, 1}, offsets{0, 2, 3, 3}, groups{0, 3};
  return build_forest({.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups});
}

}  // namespace

TEST_CASE("fold_credit: the sums over the responses through every node", "[credit]") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    for (const Merge merge : {Merge::kPrefixes, Merge::kNone}) {
      const Forest forest = build_forest(groups.flat(), merge);
      Credit credit = assign_credit(forest, groups.rewards);
      // Credit of any node, not only of a segment's first, folds.
      for (std::size_t n = 0; n < credit.node.size() && seed % 2; n += 3) credit.node[n] -= 0.5F;
      Doubles weights;
      for (std::int32_t i = 0; i < forest.responses(); ++i) weights.push_back((i * 7 % 5) / 4.0);
      const FoldedCredit folded = fold_credit(forest, credit, weights);
      const Sums sums = brute_force(forest, credit, weights);
      require_close(folded.positive, sums.positive);
      require_close(folded.negative, sums.negative);
      require_close(folded.weight, sums.weight);
      REQUIRE(folded.positive_count == sums.positive_count);
      REQUIRE(folded.negative_count == sums.negative_count);
    }
  }
}

TEST_CASE("fold_credit: what a folded forest loses and gains adds up to the unfolded one", "[credit]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    const auto total = [&](Merge merge) {
      const Forest forest = build_forest(groups.flat(), merge);
      const Credit credit =
          assign_credit(forest, groups.rewards, {.estimator = tempo::credit::Estimator::kGrpo});
      const FoldedCredit folded = fold_credit(forest, credit, Doubles(groups.rewards.size(), 1));
      double sum = 0;
      for (std::size_t n = 0; n < folded.positive.size(); ++n) sum += folded.positive[n] - folded.negative[n];
      return sum;
    };
    // At most 64 x 40 x 3 terms below 8, each rounded to float in one of the two: 61,440 x 2^-24 = 4e-3 if
    // all rounded one way; they do not, and a lost node is off by at least 0.1.
    REQUIRE(std::abs(total(Merge::kPrefixes) - total(Merge::kNone)) < 4e-3);
  }
}

TEST_CASE("token_weights: the three means", "[credit]") {
  const Forest forest = small_forest();
  CHECK(token_weights(forest, Aggregation::kTokenMean, {4, 10}, 0) == Doubles{0.1, 0.1, 0});
  CHECK(token_weights(forest, Aggregation::kSequenceMean, {4, 10}, 0) == Doubles{0.125, 0.25, 0});
  CHECK(token_weights(forest, Aggregation::kDrGrpo, {4, 10}, 5) == Doubles{0.05, 0.05, 0});
}

TEST_CASE("token_weights: an update smaller than the forest is an error", "[credit]") {
  const Forest forest = small_forest();
  const auto check_error = [&](Aggregation aggregation, tempo::credit::UpdateSize update, const char* text) {
    CHECK_THROWS_MATCHES(token_weights(forest, aggregation, update, 0), tempo::Error, Message(text));
  };
  check_error(Aggregation::kTokenMean, {2, 10},
              "token_weights: update: expected at least the forest's 3 responses and 3 tokens, got 2 and 10");
  check_error(Aggregation::kSequenceMean, {3, 2},
              "token_weights: update: expected at least the forest's 3 responses and 3 tokens, got 3 and 2");
  check_error(Aggregation::kDrGrpo, {3, 3}, "token_weights: max_response_tokens: expected at least 1, got 0");
}

TEST_CASE("fold_credit: what does not fit the forest is an error", "[credit]") {
  const Forest forest = small_forest();
  const Credit credit{.response = {1, 2, 3}, .node = {0, 0}};
  const auto check_error = [&](const Credit& c, const Doubles& weights, const char* text) {
    CHECK_THROWS_MATCHES(fold_credit(forest, c, weights), tempo::Error, Message(text));
  };
  check_error({}, {1, 1, 1}, "fold_credit: expected credit of 3 responses and 2 nodes, got 0 and 0");
  check_error(credit, {1, 1}, "fold_credit: token_weight: expected 3 numbers, got 2");
  check_error(credit, {1, 1, -1}, "fold_credit: token_weight: expected finite numbers of at least 0, got -1");
}
