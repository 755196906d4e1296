#include "tempo/train/statistics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "io/scratch.h"
#include "support/golden.h"

using namespace tempo;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tempo::testing::error_of;
using train::Vote;

namespace {

// So many problems right of n, one answer each.
train::Estimate share(int right, int n) {
  std::vector<double> values(static_cast<std::size_t>(n), 0.0);
  std::fill_n(values.begin(), right, 1.0);
  return train::mean_of_problems(values, 1);
}

std::vector<Vote> votes(const std::vector<int>& answers, int right) {
  std::vector<Vote> all;
  for (const int answer : answers) all.push_back({answer, answer == right});
  return all;
}

}  // namespace

TEST_CASE("pass_at_k: the exact probability for any n, c and k", "[train]") {
  for (const auto& row : testing::load_golden("train/statistics.json").at("pass_at_k")) {
    CAPTURE(row.dump());
    CHECK_THAT(train::pass_at_k(row.at("n"), row.at("c"), row.at("k")),
               WithinAbs(row.at("value").get<double>(), 1e-12));
  }
}

TEST_CASE("pass_at_k: by hand", "[train]") {
  CHECK_THAT(train::pass_at_k(4, 1, 2), WithinRel(0.5, 1e-12));  // of 6 pairs, 3 hold the right one
  CHECK(train::pass_at_k(4, 3, 2) == 1);                         // no pair of wrong ones is left
  CHECK(train::pass_at_k(4, 0, 4) == 0);
}

TEST_CASE("mean_of_problems: one answer a problem has Wilson's interval", "[train]") {
  for (const auto& row : testing::load_golden("train/statistics.json").at("wilson")) {
    CAPTURE(row.dump());
    const auto estimate = share(row.at("right"), row.at("n"));
    CHECK_THAT(estimate.low, WithinAbs(row.at("low").get<double>(), 1e-9));
    CHECK_THAT(estimate.high, WithinAbs(row.at("high").get<double>(), 1e-9));
  }
}

TEST_CASE("mean_of_problems: samples of one problem are as good as one where they agree", "[train]") {
  const auto agreeing = train::mean_of_problems(std::vector<double>{1, 0, 0, 1, 0, 0}, 8);
  const auto single = share(2, 6);
  CHECK(agreeing.low == single.low);
  CHECK(agreeing.high == single.high);
}

TEST_CASE("mean_of_problems: samples that differ as coins do count each", "[train]") {
  // Every problem is half right: the spread between problems is 0.
  const auto estimate = train::mean_of_problems(std::vector<double>(20, 0.5), 10);
  const auto coins = share(100, 200);
  CHECK(estimate.standard_error == 0);
  CHECK_THAT(estimate.low, WithinRel(coins.low, 1e-12));
  CHECK_THAT(estimate.high, WithinRel(coins.high, 1e-12));
}

TEST_CASE("mean_of_problems: the spread between problems sets the effective number", "[train]") {
  // Mean 0.5, variance of the mean (4 * 0.0625 / 3) / 4 = 1/48: as 0.25 * 48 = 12 answers.
  const auto estimate = train::mean_of_problems(std::vector<double>{0.25, 0.75, 0.25, 0.75}, 4);
  CHECK_THAT(estimate.standard_error, WithinRel(std::sqrt(1.0 / 48), 1e-12));
  CHECK_THAT(estimate.low, WithinRel(share(6, 12).low, 1e-12));
}

TEST_CASE("mean_of_problems: refuses what is no share", "[train]") {
  CHECK(error_of([] { train::mean_of_problems({}, 1); }) ==
        "mean_of_problems: expected at least one problem, got none");
  CHECK(error_of([] { train::mean_of_problems(std::vector<double>{1.5}, 1); }) ==
        "mean_of_problems: expected values from 0 to 1, got 1.5");
}

TEST_CASE("majority_at_k: most votes win, the first of equals, in blocks of k", "[train]") {
  CHECK(train::majority_at_k(votes({1, 2, 2, 3}, 2), 4) == 1);
  CHECK(train::majority_at_k(votes({1, 2, 2, 1}, 1), 4) == 1);
  CHECK(train::majority_at_k(votes({2, 1, 1, 2}, 1), 4) == 0);
  CHECK(train::majority_at_k(votes({1, 2, 2, 1}, 1), 2) == 0.5);     // blocks (1 2) and (2 1)
  CHECK(train::majority_at_k(votes({1, 2, 1, 1, 1}, 1), 1) == 0.8);  // as the mean
  CHECK(train::majority_at_k(votes({1, 1, 2, 2, 2}, 2), 2) == 0.5);  // the fifth is left out
}

TEST_CASE("majority_at_k: what gave no answer has no vote", "[train]") {
  CHECK(train::majority_at_k(votes({-1, -1, -1, 5}, 5), 4) == 1);
  CHECK(train::majority_at_k(std::vector<Vote>{{-1, true}, {-1, true}}, 2) == 0);
}

TEST_CASE("reported_k: powers of two and the number of samples", "[train]") {
  CHECK(train::reported_k(1) == std::vector<std::int32_t>{1});
  CHECK(train::reported_k(4) == std::vector<std::int32_t>{1, 2, 4});
  CHECK(train::reported_k(6) == std::vector<std::int32_t>{1, 2, 4, 6});
}
