#include "tempo/data/prompt_order.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <cstdint>
#include <numeric>

#include "tempo/core/error.h"
#include "tempo/core/random.h"

using tempo::data::PromptOrder;
using Indices = std::vector<std::int64_t>;

TEST_CASE("PromptOrder: each epoch visits every example once, in an order of its own", "[data]") {
  const PromptOrder order(37, 5);
  Indices all(37);
  std::iota(all.begin(), all.end(), 0);
  auto first = order.take(0, 37), second = order.take(37, 37);
  CHECK(first != second);
  CHECK(first != all);
  CHECK(std::is_permutation(first.begin(), first.end(), all.begin()));
  CHECK(std::is_permutation(second.begin(), second.end(), all.begin()));
}

TEST_CASE("PromptOrder: an epoch is the seed's shuffle of that number", "[data]") {
  const PromptOrder order(11, 9);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    Indices shuffled(11);
    std::iota(shuffled.begin(), shuffled.end(), 0);
    tempo::core::Shuffle(9, epoch)(shuffled);
    CHECK(order.take(11 * epoch, 11) == shuffled);
  }
}

TEST_CASE("PromptOrder: steps cut one sequence, across the ends of epochs", "[data]") {
  const PromptOrder order(5, 9);
  const auto whole = order.take(0, 24);
  Indices joined;
  for (std::int64_t step = 0; step < 3; ++step) {
    const auto part = order.take(step * 8, 8);
    joined.insert(joined.end(), part.begin(), part.end());
  }
  CHECK(joined == whole);
}

TEST_CASE("PromptOrder: depends on the seed alone", "[data]") {
  CHECK(PromptOrder(20, 1).take(7, 20) == PromptOrder(20, 1).take(7, 20));
  CHECK(PromptOrder(20, 1).take(0, 20) != PromptOrder(20, 2).take(0, 20));
}

TEST_CASE("PromptOrder: without shuffling keeps the file's order", "[data]") {
  CHECK(PromptOrder(3, 1, false).take(2, 5) == Indices{2, 0, 1, 2, 0});
}

TEST_CASE("PromptOrder: refuses no examples and negative positions", "[data]") {
  CHECK_THROWS_WITH(PromptOrder(0, 1), "PromptOrder: expected at least 1 example, got 0");
  CHECK_THROWS_AS(PromptOrder(2, 1).take(-1, 1), tempo::Error);
  CHECK_THROWS_AS(PromptOrder(2, 1).take(0, -1), tempo::Error);
  CHECK(PromptOrder(2, 1).take(3, 0).empty());
}
