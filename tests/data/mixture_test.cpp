// Several data sets in one order of prompts.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/data/prompt_order.h"

using Catch::Matchers::ContainsSubstring;
using tempo::data::PromptOrder;
using tempo::data::SetShare;
using Indices = std::vector<std::int64_t>;

namespace {

// Returns the set of each index.
std::vector<std::size_t> sets_of(const Indices& indices, const std::vector<SetShare>& shares) {
  std::vector<std::size_t> sets;
  for (std::int64_t index : indices) {
    std::size_t set = 0;
    while (index >= shares[set].examples) index -= shares[set++].examples;
    sets.push_back(set);
  }
  return sets;
}

// Returns the largest distance between a set's count and its share of the positions so far.
double worst_distance(const std::vector<SetShare>& shares, std::int64_t positions) {
  double total = 0, worst = 0;
  for (const SetShare& share : shares) total += share.weight;
  std::vector<double> counts(shares.size());
  double position = 0;
  for (const std::size_t set : sets_of(PromptOrder(shares, 3).take(0, positions), shares)) {
    ++position;
    ++counts[set];
    for (std::size_t i = 0; i < counts.size(); ++i)
      worst = std::max(worst, std::abs(counts[i] - position * shares[i].weight / total));
  }
  return worst;
}

}  // namespace

TEST_CASE("PromptOrder: a mixture has each set's exact share, rounded down or up, at every position",
          "[data]") {
  CHECK(worst_distance({{5, 0.7}, {3, 0.3}}, 200) < 1);
  CHECK(worst_distance({{5, 1}, {3, 1}, {9, 1}}, 200) < 1);
  CHECK(worst_distance({{5, 0.333333}, {3, 0.666667}, {9, 1e-3}}, 5000) < 1);
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::vector<SetShare> shares(2 + random() % 6);
    for (SetShare& share : shares)
      share = {.examples = 4, .weight = 1 + static_cast<double>(random() % 1000)};
    CHECK(worst_distance(shares, 1000) < 1 + 1e-9);
  }
}

TEST_CASE("PromptOrder: ten positions of weights 0.7 and 0.3 are seven and three", "[data]") {
  const std::vector<SetShare> shares{{100, 0.7}, {100, 0.3}};
  const auto sets = sets_of(PromptOrder(shares, 1).take(0, 100), shares);
  for (int begin = 0; begin < 100; begin += 10)
    CHECK(std::count(sets.begin() + begin, sets.begin() + begin + 10, 1) == 3);
}

TEST_CASE("PromptOrder: each set of a mixture goes through its own epochs", "[data]") {
  const std::vector<SetShare> shares{{4, 2}, {3, 1}};
  Indices first, second;
  for (const std::int64_t index : PromptOrder(shares, 7).take(0, 36))
    (index < 4 ? first : second).push_back(index);
  REQUIRE(first.size() == 24);
  REQUIRE(second.size() == 12);
  for (auto epoch = first.begin(); epoch != first.end(); epoch += 4)
    CHECK(std::is_permutation(epoch, epoch + 4, Indices{0, 1, 2, 3}.begin()));
  for (auto epoch = second.begin(); epoch != second.end(); epoch += 3)
    CHECK(std::is_permutation(epoch, epoch + 3, Indices{4, 5, 6}.begin()));
  CHECK(first == PromptOrder(4, 7).take(0, 24));
}

TEST_CASE("PromptOrder: a mixture goes on from any position as if it had not stopped", "[data]") {
  const std::vector<SetShare> shares{{5, 0.61}, {3, 0.3}, {11, 0.09}};
  const PromptOrder order(shares, 9);
  const auto whole = order.take(0, 500);
  for (std::int64_t first = 0; first < 400; first += 7) {
    const auto part = PromptOrder(shares, 9).take(first, 100);
    CHECK(std::equal(part.begin(), part.end(), whole.begin() + first));
  }
  CHECK(PromptOrder(shares, 10).take(0, 500) != whole);
}

TEST_CASE("PromptOrder: weights by size visit every example once in an epoch of all", "[data]") {
  auto order = PromptOrder(std::vector<SetShare>{{7, 7}, {3, 3}}, 2).take(10, 10);
  std::sort(order.begin(), order.end());
  CHECK(order == Indices{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("PromptOrder: one set of any weight is the order of a set alone", "[data]") {
  CHECK(PromptOrder(std::vector<SetShare>{{13, 0.25}}, 4).take(5, 40) == PromptOrder(13, 4).take(5, 40));
}

TEST_CASE("PromptOrder: a position far away costs what one of the first period costs", "[data]") {
  const std::vector<SetShare> shares{{5, 0.7}, {3, 0.3}};
  const auto order = PromptOrder(shares, 1).take(std::int64_t{1} << 40, 8);
  CHECK(order.size() == 8);
}

TEST_CASE("PromptOrder: refuses sets and weights that give no order", "[data]") {
  const auto make = [](const std::vector<SetShare>& shares) { return PromptOrder(shares, 1); };
  CHECK_THROWS_WITH(make({}), "PromptOrder: expected at least one set, got none");
  CHECK_THROWS_WITH(make({{3, 1}, {0, 1}}), "PromptOrder: expected at least 1 example, got 0");
  for (const double weight : {0.0, -1.0, 1e-7, 1e10, std::nan("")})
    CHECK_THROWS_WITH(make({{3, weight}}),
                      ContainsSubstring("weight: expected a number from 0.000001 to 1e9"));
  CHECK_THROWS_WITH(make({{3, 1000000.000001}, {3, 1}}), ContainsSubstring("got more digits"));
}
