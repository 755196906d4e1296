// The rewards of numbers, choices and exact texts: options, response and answer are the parts of the input.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "tempo/reward/choice.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/number.h"

using namespace tempo;

namespace {

void check(const reward::Verdict& verdict) {
  fuzz::require(verdict.score == 0 || verdict.score == 1, "a score of 0 or 1", std::to_string(verdict.score));
  fuzz::require(fuzz::is_one_line(verdict.reason), "a reason in one line", verdict.reason);
  nlohmann::json(verdict.reason).dump();  // throws for what is not UTF-8
  nlohmann::json(verdict.extracted).dump();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto bits = input.number<std::uint8_t>();
  const bool first = bits & 1, second = bits & 2;
  const std::string_view response = input.part(), answer = input.rest();
  fuzz::run([&] { check(reward::score_number(response, answer, {.strict = first})); });
  fuzz::run([&] { check(reward::score_number(response, "42", {.strict = second})); });
  fuzz::run([&] { check(reward::score_choice(response, answer, "ABCDE")); });
  fuzz::run([&] { check(reward::score_choice(response, "B", "ABCDE")); });
  fuzz::run([&] { check(reward::score_exact(response, answer, {.ignore_case = first, .marked = second})); });
  return 0;
}
