// Solutions of public data sets; built where their files are at hand.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/number.h"

namespace {

// Returns the rows of a data set, with the solution in the problem's place.
std::vector<tempo::data::Example> solutions(const char* file) {
  return tempo::data::read_examples(std::filesystem::path(TEMPO_DATA_DIR) / file,
                                    {.problem_key = "solution"});
}

}  // namespace

TEST_CASE("score_number: verifies every solution of GSM8K, and none against another answer", "[reward]") {
  const auto rows = solutions("gsm8k_test.jsonl");
  REQUIRE(rows.size() == 1319);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& next = rows[(i + 1) % rows.size()];
    INFO(rows[i].id);
    CHECK(tempo::reward::score_number(rows[i].problem, rows[i].answer).score == 1);
    const bool same =
        std::strtod(rows[i].answer.c_str(), nullptr) == std::strtod(next.answer.c_str(), nullptr);
    CHECK(tempo::reward::score_number(rows[i].problem, next.answer).score == (same ? 1 : 0));
  }
}

TEST_CASE("score_exact: finds the boxed answer of every MATH-500 solution", "[reward]") {
  const auto rows = solutions("math500.jsonl");
  REQUIRE(rows.size() == 500);
  for (const auto& row : rows) {
    INFO(row.id);
    CHECK(tempo::reward::score_exact(row.problem, row.answer, {.marked = true}).score == 1);
  }
}
