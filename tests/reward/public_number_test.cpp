// The answers of GSM-HARD in several spellings; built where the file is at hand.
#include <boost/multiprecision/cpp_dec_float.hpp>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/reward/number.h"

namespace {

using Decimal = boost::multiprecision::cpp_dec_float_50;
using tempo::reward::score_number;

std::vector<tempo::data::Example> rows() {
  auto examples = tempo::data::read_examples(std::filesystem::path(TEMPO_DATA_DIR) / "gsm_hard.jsonl");
  REQUIRE(examples.size() == 1319);
  return examples;
}

// Puts thousands separators into a number without an exponent.
std::string with_separators(std::string number, const std::string& separator) {
  if (number.find('e') != number.npos) return number;
  const std::size_t first = number[0] == '-' ? 1 : 0;
  for (std::size_t end = std::min(number.find('.'), number.size()); end > first + 3; end -= 3)
    number.insert(end - 3, separator);
  return number;
}

std::string scaled(const std::string& number, const char* factor) {
  return (Decimal(number) * Decimal(factor)).str(30, std::ios_base::scientific);
}

}  // namespace

TEST_CASE("score_number: every answer of GSM-HARD, in every spelling", "[reward]") {
  for (const auto& row : rows()) {
    const std::string& number = row.answer;
    const std::string dollars = number[0] == '-' ? "-$" + number.substr(1) : "$" + number;
    for (const std::string& response :
         {number, with_separators(number, ","), with_separators(number, "{,}"), dollars,
          "\\boxed{" + number + "}", "\\boxed{\\$" + with_separators(number, ",") + "}", "#### " + number,
          "In 3 days he earns " + dollars + ".",
          "The answer is " + with_separators(number, ",") + " dollars.", "<answer>" + number + "</answer>",
          scaled(number, "1"), "10 - 5 = 5, so it is **" + number + "**."}) {
      INFO(row.id << ": " << number << " as " << response);
      REQUIRE(score_number(response, number).score == 1);
    }
  }
}

TEST_CASE("score_number: a tolerance takes what is nearer than it, on GSM-HARD", "[reward]") {
  for (const auto& row : rows()) {
    if (Decimal(row.answer) == 0) continue;
    INFO(row.id << ": " << row.answer);
    for (const auto& [tolerance, inside, outside] :
         {std::tuple{1e-6, "1.00000099", "1.00000101"}, std::tuple{1e-4, "0.999901", "0.999899"},
          std::tuple{1e-4, "1.0000999999999999", "1.001"}}) {
      REQUIRE(score_number(scaled(row.answer, inside), row.answer, {.relative_tolerance = tolerance}).score ==
              1);
      REQUIRE(
          score_number(scaled(row.answer, outside), row.answer, {.relative_tolerance = tolerance}).score ==
          0);
      REQUIRE(score_number(scaled(row.answer, inside), row.answer).score == 0);
    }
  }
}

TEST_CASE("score_number: no answer of GSM-HARD but equal ones passes for another", "[reward]") {
  const auto examples = rows();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::string &a = examples[i].answer, &b = examples[(i + 1) % examples.size()].answer;
    INFO(a << " and " << b);
    REQUIRE(score_number(a, b).score == (Decimal(a) == Decimal(b) ? 1 : 0));
  }
}
