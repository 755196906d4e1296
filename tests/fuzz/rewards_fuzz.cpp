// The rewards that read a response: options, response, answer and the texts of options are the parts of the
// input.
#include <nlohmann/json.hpp>
#include <utility>

#include "fuzz/fuzz.h"
#include "tempo/reward/choice.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/format.h"
#include "tempo/reward/number.h"
#include "tempo/reward/repetition.h"

using namespace tempo;

namespace {

void check(const reward::Verdict& verdict) {
  fuzz::require(verdict.score >= -1 && verdict.score <= 1, "a score from -1 to 1",
                std::to_string(verdict.score));
  fuzz::require(fuzz::is_one_line(verdict.reason), "a reason in one line", verdict.reason);
  nlohmann::json(verdict.reason).dump();  // throws for what is not UTF-8
  nlohmann::json(verdict.extracted).dump();
}

void check_numbers(std::string_view response, std::string_view answer, bool strict) {
  for (const double tolerance : {0.0, 1e-3}) {
    const reward::NumberOptions options{.strict = strict, .relative_tolerance = tolerance};
    fuzz::run([&] { check(reward::score_number(response, answer, options)); });
    fuzz::run([&] { check(reward::score_number(response, "42", options)); });
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto bits = input.number<std::uint8_t>();
  const bool first = bits & 1, second = bits & 2;
  const std::string_view response = input.part(), answer = input.part();
  std::vector<std::pair<std::string, std::string>> options;
  for (char letter = 'A'; letter < 'F'; ++letter) options.emplace_back(std::string(1, letter), input.part());
  check_numbers(response, answer, first);
  fuzz::run([&] { check(reward::score_choice(response, answer, options)); });
  fuzz::run([&] { check(reward::score_choice(response, "B", options)); });
  fuzz::run([&] { check(reward::score_exact(response, answer, {.ignore_case = first, .marked = second})); });
  fuzz::run([&] { check(reward::score_repetition(response, {.ngram = 1 + bits % 4})); });
  for (const reward::Form form : {reward::Form::kBoxed, reward::Form::kThinkAnswer}) {
    check(reward::FormatReward({.form = form, .pattern = {}}).score(response));
  }
  return 0;
}
