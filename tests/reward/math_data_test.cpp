// The verifier on public data sets; built where their files are at hand.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tempo/data/dataset.h"
#include "tempo/reward/math.h"

namespace {

const std::filesystem::path kFolder = TEMPO_DATA_DIR;

// Returns the ids of the rows whose solution does not verify against its answer.
std::set<std::string> unverified(const char* file, const tempo::reward::MathOptions& options) {
  std::set<std::string> ids;
  for (const auto& row : tempo::data::read_examples(kFolder / file, {.problem_key = "solution"})) {
    if (tempo::reward::score_math(row.problem, row.answer, options).score != 1) ids.insert(row.id);
  }
  return ids;
}

}  // namespace

TEST_CASE("score_math: strictly verifies every solution of MATH", "[reward]") {
  // These two box nothing.
  const std::set<std::string> empty = {"math/train/number_theory/7115", "math/train/number_theory/7117"};
  CHECK(unverified("math_train.jsonl", {}) == empty);
  CHECK(unverified("math500.jsonl", {}).empty());
}

TEST_CASE("score_math: verifies every solution of GSM8K", "[reward]") {
  const tempo::reward::MathOptions options{.places = {tempo::reward::AnswerPlace::kHashes}};
  CHECK(unverified("gsm8k_train.jsonl", options).empty());
  CHECK(unverified("gsm8k_test.jsonl", options).empty());
}

TEST_CASE("score_math: agrees with the pairs of public verifiers that follow no convention of their own",
          "[reward]") {
  std::ifstream file(kFolder / "math_equiv.jsonl");
  int rows = 0, agreeing = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row.contains("flags")) continue;
    const auto verdict =
        tempo::reward::score_math(row["pred"].get<std::string>(), row["gold"].get<std::string>(),
                                  {.places = tempo::reward::lenient_places()});
    ++rows;
    agreeing += (verdict.score == 1) == row["equivalent"].get<bool>() ? 1 : 0;
  }
  CHECK(rows == 230);
  CHECK(agreeing == rows);
}
