// Answers are any bytes: the verifier answers in bounded time and memory.
#include <catch2/catch_test_macros.hpp>
#include <ctime>
#include <string>
#include <vector>

#include "tempo/reward/math.h"

using namespace std::string_literals;

namespace {

// Seconds of the processor, which other programs on the machine do not add to. Some 50 times of what these
// take, and a thousandth of what a quadratic pass over a megabyte would.
constexpr double kSeconds = 2;

void check_bounded(const std::string& answer, const std::string& other) {
  const std::clock_t begin = std::clock();
  const auto result = tempo::reward::compare_answers(other, answer);
  const auto verdict = tempo::reward::score_math(answer, other, {.places = tempo::reward::lenient_places()});
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  INFO(result.reason << ", seconds: " << seconds);
  CHECK(seconds < kSeconds);
  CHECK(result.reason.size() + verdict.reason.size() < 1000);
}

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  return text;
}

}  // namespace

TEST_CASE("compare_answers: takes bounded time for what is too large to compute", "[reward]") {
  const std::vector<std::string> answers = {"9^{9^{9^9}}",
                                            "2^{1000000}",
                                            "1000000!",
                                            "1499!/1498!",
                                            "\\binom{1000000}{500000}",
                                            "\\binom{3000}{1500}",
                                            "10^{-30000}",
                                            "1e999999",
                                            "(x+1)^{10000}",
                                            "(x+y+1)^{100000}",
                                            "\\sin(10^{100})",
                                            "e^{e^{e^e}}",
                                            "\\tan(\\pi/2)",
                                            "1/0",
                                            "0^{-1}",
                                            "\\log_1 2",
                                            "\\sqrt[0]{2}",
                                            "\\frac{1}{x-x}",
                                            "x^{x^{x^{x}}}",
                                            "2^{2^{2^{2^2}}}",
                                            "\\arcsin 2",
                                            "(2^{3000})^{3000}"};
  for (const auto& answer : answers) {
    for (const auto* other : {"5", "\\sqrt{2}x+1", "3^{20000}"}) check_bounded(answer, other);
  }
}

TEST_CASE("compare_answers: takes bounded time for megabytes of anything", "[reward]") {
  const std::vector<std::string> parts = {
      "7",      "1,",         "1/",          "(",     "{",       "[",       "\\{",      "\\boxed{",
      "\\frac", "answer is ", "<answer>",    "$",     "\\(",     "^",       "_",        "x_",
      "|",      "!",          "5!",          "'",     "+",       "\\\\",    "&",        "\\pm ",
      ":",      "<",          "xy",          "five ", "\\text{", "\\sqrt{", "\\sin x ", "\\begin{matrix}",
      "\xff",   "\0"s,        "\xe2\x88\x92"};
  for (const auto& part : parts) {
    for (const std::size_t bytes : {1'000, 9'000, 100'000, 1'000'000})
      check_bounded(repeated(part, bytes), "1/3");
  }
}

TEST_CASE("compare_answers: says that an answer is too long or too deep", "[reward]") {
  const auto reason = [](const std::string& answer) {
    return tempo::reward::compare_answers("5", answer).reason;
  };
  CHECK(
      reason(std::string(100'000, '{') + "5" + std::string(100'000, '}')).ends_with("not decided: too long"));
  CHECK(reason(std::string(1'000, '(') + "5").ends_with("not decided: nested too deep"));
  CHECK(reason("9^{9^{9^9}}").ends_with("not decided: no value to compare"));
}

TEST_CASE("compare_answers: equal bytes are equal, however long", "[reward]") {
  const auto answer = repeated("{", 1'000'000);
  CHECK(tempo::reward::compare_answers(answer, answer).equivalent);
}
