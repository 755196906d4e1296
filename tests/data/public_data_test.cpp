// Public data sets; built where their files are at hand.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/data/duplicates.h"

using namespace tempo::data;

namespace {

std::vector<Example> rows_of(const std::string& file) {
  return read_examples(std::filesystem::path(TEMPO_DATA_DIR) / file);
}

}  // namespace

TEST_CASE("public data: every file reads, with its number of rows", "[data]") {
  const std::vector<std::pair<std::string, std::size_t>> files{{"math_train", 7500},
                                                               {"math500", 500},
                                                               {"gsm8k_train", 7473},
                                                               {"gsm8k_test", 1319},
                                                               {"gsm_hard", 1319},
                                                               {"amc23", 40},
                                                               {"medqa_train_5opt_first1000", 1000},
                                                               {"medqa_dev", 1272},
                                                               {"medqa_test", 1273},
                                                               {"medmcqa_dev", 4183},
                                                               {"mmlu_medical_test", 1089}};
  for (const auto& [name, rows] : files) {
    INFO(name);
    CHECK(rows_of(name + ".jsonl").size() == rows);
  }
}

TEST_CASE("public data: subjects and levels are there", "[data]") {
  for (const Example& example : rows_of("math_train.jsonl")) {
    INFO(example.id);
    CHECK_FALSE(example.subject.empty());
    CHECK_FALSE(example.level.empty());
  }
  for (const Example& example : rows_of("mmlu_medical_test.jsonl")) CHECK_FALSE(example.subject.empty());
}

TEST_CASE("public data: 78 medical questions of MMLU stand in two subjects", "[data]") {
  const auto rows = rows_of("mmlu_medical_test.jsonl");
  const auto pairs = find_repeated(rows);
  CHECK(pairs.size() == 78);
  CHECK(std::all_of(pairs.begin(), pairs.end(), [&](const ExamplePair& pair) {
    return rows[static_cast<std::size_t>(pair.first)].subject !=
           rows[static_cast<std::size_t>(pair.second)].subject;
  }));
}

// Counted by a program of its own, in another language.
TEST_CASE("public data: no training problem is held out, and some are near", "[data]") {
  const auto overlap = [](const std::string& training, const std::string& held_out) {
    const Overlap found = find_overlap(rows_of(training + ".jsonl"), rows_of(held_out + ".jsonl"));
    return std::pair(found.exact.size(), found.near.size());
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  CHECK(overlap("math_train", "math500") == Counts(0, 16));
  CHECK(overlap("gsm8k_train", "gsm8k_test") == Counts(0, 0));
  CHECK(overlap("medqa_train_5opt_first1000", "medqa_test") == Counts(0, 0));
  CHECK(overlap("gsm8k_test", "gsm_hard").first == 329);  // GSM-HARD left their numbers as they were
}
