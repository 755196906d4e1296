// Estimators by hand, their options and their errors.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/credit/advantages.h"

using Catch::Matchers::Message;
using tempo::credit::AdvantageOptions;
using tempo::credit::assign_credit;
using tempo::credit::Credit;
using tempo::credit::Estimator;
using tempo::credit::node_values;
using tempo::credit::parse_estimator;
using tempo::credit::token_advantages;
using tempo::tree::FlatGroups;
using Floats = std::vector<float>;

namespace {

// One group of (1 2), (1 3), (1), () with rewards whose mean is 0.5.
const std::vector<std::int32_t> kTokens{1, 2, 1, 3, 1}, kOffsets{0, 2, 4, 5, 5}, kGroups{0, 4};
const FlatGroups kFlat{.response_tokens = kTokens, .response_offsets = kOffsets, .group_offsets = kGroups};
const Floats kRewards{1, 0, 0.5F, 0.5F};

void check_error(const Floats& rewards, const AdvantageOptions& options, const char* text) {
  CHECK_THROWS_MATCHES(token_advantages(kFlat, rewards, options), tempo::Error, Message(text));
}

}  // namespace

TEST_CASE("TEMPO: by hand, undivided", "[credit]") {
  // V(root) = V(1) = 0.5, V(1 2) = 1, V(1 3) = 0.
  CHECK(token_advantages(kFlat, kRewards, {.divide_by_std = false}) == Floats{0.5F, 1, -0.5F, -1, 0});
}

TEST_CASE("TEMPO: responses without tokens count in mu and V(root)", "[credit]") {
  // Rewards 1 0 0 1: mu = 1/2, V(1) = 1/3; the first token gets r - 1/2 + 1/3 - 1/2.
  const Floats got = token_advantages(kFlat, Floats{1, 0, 0, 1}, {.divide_by_std = false});
  CHECK(std::abs(got[0] - 1 / 3.0) < 1e-7);  // rounding of two floats below 1: 2 x 2^-25
  CHECK(std::abs(got[4] + 2 / 3.0) < 1e-7);
}

TEST_CASE("GRPO: divides by the unbiased deviation plus epsilon", "[credit]") {
  // Squares 0.25 + 0.25 over 3: the deviation is 1 / sqrt(6).
  const float unit = static_cast<float>(0.5 / (1 / std::sqrt(6.0) + 0.25));
  CHECK(token_advantages(kFlat, kRewards, {.estimator = Estimator::kGrpo, .epsilon = 0.25}) ==
        Floats{unit, unit, -unit, -unit, 0});
}

TEST_CASE("Dr. GRPO: the centred reward", "[credit]") {
  CHECK(token_advantages(kFlat, kRewards, {.estimator = Estimator::kDrGrpo}) ==
        Floats{0.5F, 0.5F, -0.5F, -0.5F, 0});
}

TEST_CASE("RLOO: the reward less the mean of the others", "[credit]") {
  const float unit = static_cast<float>(2 / 3.0);
  CHECK(token_advantages(kFlat, kRewards, {.estimator = Estimator::kRloo}) ==
        Floats{unit, unit, -unit, -unit, 0});
}

TEST_CASE("TEMPO: rewards that hardly differ follow the formula", "[credit]") {
  const Floats rewards{0, 1e-30F, 0, 0};
  const Floats got = token_advantages(kFlat, rewards, {.epsilon = 0});
  for (const float advantage : got) CHECK(std::isfinite(advantage));
  CHECK(got[3] > 1);
}

TEST_CASE("TEMPO: the largest rewards stay finite", "[credit]") {
  const Floats rewards{1e37F, -1e37F, -1e37F, 1e37F};
  for (const float advantage : token_advantages(kFlat, rewards, {.divide_by_std = false}))
    CHECK(std::isfinite(advantage));
}

TEST_CASE("TEMPO: value shrinkage draws V towards the V above", "[credit]") {
  // V(1 2) = 0.5 + 1/(1 + 3) (1 - 0.5).
  const AdvantageOptions options{.divide_by_std = false, .value_shrinkage = 3};
  CHECK(token_advantages(kFlat, kRewards, options) == Floats{0.5F, 0.625F, -0.5F, -0.625F, 0});
}

TEST_CASE("TEMPO: the order of equal responses leaves no trace in sums that round", "[credit]") {
  // 1e20 and -1e20 swallow the 3 unless they meet first, even in double.
  const std::vector<std::int32_t> tokens{1, 1, 1, 2}, offsets{0, 1, 2, 3, 4};
  const FlatGroups flat{.response_tokens = tokens, .response_offsets = offsets, .group_offsets = kGroups};
  const AdvantageOptions options{.divide_by_std = false};
  const Floats a = token_advantages(flat, Floats{3, 1e20F, -1e20F, 0}, options);
  const Floats b = token_advantages(flat, Floats{1e20F, -1e20F, 3, 0}, options);
  CHECK(a == Floats{b[2], b[0], b[1], b[3]});
}

TEST_CASE("TEMPO: a node that all responses pass adds nothing, however sums round", "[credit]") {
  const std::vector<std::int32_t> tokens{1, 2, 1, 3, 1, 4}, offsets{0, 2, 4, 6}, groups{0, 3};
  const FlatGroups flat{.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups};
  const Floats got = token_advantages(flat, Floats{3, -1e20F, 1e20F}, {.divide_by_std = false});
  CHECK(got[0] == 3);  // r - mu, where the sum by size gives mu = 0
}

TEST_CASE("parse_estimator: knows every name and no other", "[credit]") {
  CHECK(parse_estimator("tempo") == Estimator::kTempo);
  CHECK(parse_estimator("grpo") == Estimator::kGrpo);
  CHECK(parse_estimator("dr_grpo") == Estimator::kDrGrpo);
  CHECK(parse_estimator("rloo") == Estimator::kRloo);
  CHECK_THROWS_MATCHES(parse_estimator("ppo"), tempo::Error,
                       Message("estimator: expected tempo, grpo, dr_grpo or rloo, got ppo"));
}

TEST_CASE("token_advantages: bad rewards are errors", "[credit]") {
  check_error({1, 0}, {}, "token_advantages: rewards: expected 4 numbers, one a response, got 2");
  check_error({1, 0, std::nanf(""), 0}, {},
              "token_advantages: rewards[2]: expected a finite number of size at most 1e+37, got nan");
  check_error({1, 0, 0, -std::numeric_limits<float>::infinity()}, {},
              "token_advantages: rewards[3]: expected a finite number of size at most 1e+37, got -inf");
}

TEST_CASE("AdvantageOptions: bad numbers are errors", "[credit]") {
  check_error(kRewards, {.epsilon = -1},
              "AdvantageOptions: epsilon: expected a finite number of at least 0, got -1");
  check_error(kRewards, {.value_shrinkage = std::nan("")},
              "AdvantageOptions: value_shrinkage: expected a finite number of at least 0, got nan");
  check_error(kRewards, {.estimator = static_cast<Estimator>(9)},
              "AdvantageOptions: estimator: expected one that exists, got 9");
}

TEST_CASE("credit: what does not fit the forest is an error", "[credit]") {
  const tempo::tree::Forest forest = build_forest(kFlat);
  CHECK_THROWS_MATCHES(assign_credit(forest, Floats{1}), tempo::Error,
                       Message("assign_credit: rewards: expected 4 numbers, one a response, got 1"));
  CHECK_THROWS_MATCHES(node_values(forest, Floats{1}), tempo::Error,
                       Message("node_values: rewards: expected 4 numbers, one a response, got 1"));
  CHECK_THROWS_MATCHES(token_advantages(forest, Credit{}), tempo::Error,
                       Message("token_advantages: expected credit of 4 responses and 3 nodes, got 0 and 0"));
}
