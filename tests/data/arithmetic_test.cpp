// The quickstart's data files are what they claim to be.
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "tempo/data/dataset.h"

namespace {

using Pairs = std::set<std::pair<int, int>>;

// Returns the pairs of the file whose problem and answer are a right sum.
Pairs right_sums(const std::string& file) {
  Pairs pairs;
  for (const auto& example :
       tempo::data::read_examples(std::filesystem::path(TEMPO_EXAMPLES_DIR) / "data" / file)) {
    int a = -1, b = -1;
    std::sscanf(example.problem.c_str(), "What is %d + %d?", &a, &b);
    const auto text =
        "What is " + std::to_string(a) + " + " + std::to_string(b) + "? Answer with just the number.";
    const bool in_range = a >= 0 && a < 50 && b >= 0 && b < 50;
    if (in_range && example.problem == text && example.answer == std::to_string(a + b)) pairs.emplace(a, b);
  }
  return pairs;
}

}  // namespace

TEST_CASE("arithmetic data: no held-out sum is in training, nor its mirror image", "[data]") {
  const auto training = right_sums("arithmetic_train.jsonl"), held_out = right_sums("arithmetic_test.jsonl");
  CHECK(held_out.size() == 200);
  for (const auto& [a, b] : held_out) {
    INFO(a << " + " << b);
    CHECK_FALSE(training.contains({a, b}));
    CHECK_FALSE(training.contains({b, a}));
  }
}

TEST_CASE("arithmetic data: every pair below 50 is in training, held out, or mirrors one held out",
          "[data]") {
  auto pairs = right_sums("arithmetic_train.jsonl");
  for (const auto& [a, b] : right_sums("arithmetic_test.jsonl")) pairs.insert({{a, b}, {b, a}});
  CHECK(pairs.size() == 2500);
}
