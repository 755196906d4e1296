#include "tempo/reward/exact.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <string>
#include <vector>

#include "tempo/core/error.h"

using tempo::reward::ExactOptions;
using tempo::reward::score_exact;

namespace {

struct Case {
  std::string response;
  std::string answer;
  bool right;
};

void check_all(const std::vector<Case>& cases, const ExactOptions& options) {
  for (const auto& c : cases) {
    const auto verdict = score_exact(c.response, c.answer, options);
    INFO("response: " << c.response << "\nanswer: " << c.answer << "\nreason: " << verdict.reason);
    CHECK(verdict.score == (c.right ? 1.0 : 0.0));
  }
}

const std::vector<Case> kWhole = {
    {"Paris", "Paris", true},
    {" Paris\n", "Paris", true},
    {"Paris", " Paris ", true},
    {"\tParis\r\n", "Paris", true},
    {"paris", "Paris", false},
    {"PARIS", "Paris", false},
    {"Paris.", "Paris", false},
    {"Paris, France", "Paris", false},
    {"", "Paris", false},
    {"Par is", "Paris", false},
    {"New  York", "New York", false},
    {"New York", "New York", true},
    {"46", "46", true},
    {"46.0", "46", false},
    {"\u00e9t\u00e9", "\u00e9t\u00e9", true},
    {"e\u0301te\u0301", "\u00e9t\u00e9", false},
    {"\\frac{1}{2}", "\\frac{1}{2}", true},
    {"a\nb", "a\nb", true},
    {"a b", "a\nb", false},
    {"<think>x</think>Paris", "Paris", true},
    {"<think>Paris", "Paris", false},
    {"The answer is Paris", "Paris", false},
};

const std::vector<Case> kIgnoreCase = {
    {"paris", "Paris", true},
    {"PARIS", "paris", true},
    {"Paris", "Paris", true},
    {"parish", "Paris", false},
    {"\u00c9t\u00e9", "\u00e9t\u00e9", false},
    {" YES ", "yes", true},
    {"[", "{", false},
    {"@", "`", false},
    {"z", "Z", true},
    {"no", "yes", false},
};

const std::vector<Case> kMarked = {
    {"So \\boxed{\\frac{1}{2}} holds", "\\frac{1}{2}", true},
    {"\\boxed{ x \\in \\{1, 2\\} }", "x \\in \\{1, 2\\}", true},
    {"\\boxed{1} then \\boxed{2}", "2", true},
    {"\\boxed{1} then \\boxed{2}", "1", false},
    {"\\boxed{\\boxed{2}}", "2", true},
    {"\\boxed{2", "2", false},
    {"\\boxed{1}{2}", "1", true},
    {"\\boxed{\\text{(A)}}", "(A)", false},
    {"\\boxed{}", "2", false},
    {"{\\boxed{2}}", "2", true},
    {"} \\boxed{2}", "2", true},
    {"{ \\boxed{2}", "2", true},
    {"<answer>Paris</answer>", "Paris", true},
    {"<answer>\nParis\n</answer> Rome", "Paris", true},
    {"<answer>Rome</answer> <answer>Paris</answer>", "Paris", true},
    {"<answer>Paris", "Paris", false},
    {"Paris</answer>", "Paris", false},
    {"<answer>Rome</answer> \\boxed{Paris}", "Paris", true},
    {"#### Paris", "Paris", true},
    {"#### Paris\nRome", "Paris", true},
    {"### Paris", "Paris", false},
    {"The answer is Paris.", "Paris", true},
    {"The answer is Paris. It is in France.", "Paris", true},
    {"Answer: Paris", "Paris", true},
    {"**Answer:** Paris!", "Paris", true},
    {"The answer is Rome. The answer is Paris.", "Paris", true},
    {"The answer is Paris.\n#### Rome", "Rome", true},
    {"The answer is 3.14 exactly", "3.14 exactly", true},
    {"Paris", "Paris", false},
    {"The answers are Paris", "Paris", false},
    {"<think>\\boxed{Rome}</think>\\boxed{Paris}", "Paris", true},
};

}  // namespace

TEST_CASE("score_exact: compares the whole response without the white space around it", "[reward]") {
  check_all(kWhole, {});
}
TEST_CASE("score_exact: ignores the case of ASCII letters when asked", "[reward]") {
  check_all(kIgnoreCase, {.ignore_case = true});
}
TEST_CASE("score_exact: compares the marked answer when asked", "[reward]") {
  check_all(kMarked, {.marked = true});
}

TEST_CASE("score_exact: says what it compared, or why it could not", "[reward]") {
  CHECK(score_exact("Rome", "Paris").reason == "'Rome' differs from 'Paris'");
  CHECK(score_exact("Paris", "Paris").reason == "'Paris' equals 'Paris'");
  CHECK(score_exact("x", "Paris", {.marked = true}).reason == "no marked answer in the response");
  CHECK_THROWS_WITH(score_exact("x", " "), "expected a text as the answer, got an empty one");
}
