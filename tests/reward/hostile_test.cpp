// Responses are any bytes: every reward answers, quickly, and with a reason that can be written as JSON.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "extract.h"
#include "tempo/reward/choice.h"
#include "tempo/reward/exact.h"
#include "tempo/reward/format.h"
#include "tempo/reward/number.h"
#include "tempo/reward/repetition.h"

using namespace std::string_literals;
using tempo::reward::Form;

namespace {

const std::vector<std::pair<std::string, std::string>> kOptions{{"A", "this"}, {"B", "that"}, {"C", "B, "}};

constexpr std::size_t kMegabyte = 1'000'000;

std::string repeated(const std::string& part) {
  std::string text;
  while (text.size() < kMegabyte) text += part;
  return text;
}

// Scores the response by every reward and returns the longest reason's length.
std::size_t longest_reason(const std::string& response) {
  std::size_t longest = 0;
  for (const auto& verdict :
       {tempo::reward::score_number(response, "1/3"),
        tempo::reward::score_number(response, "1/3", {.strict = true}),
        tempo::reward::score_choice(response, "B", kOptions), tempo::reward::score_exact(response, "x"),
        tempo::reward::score_exact(response, "x", {.ignore_case = true, .marked = true}),
        tempo::reward::score_number(response, "1/3", {.relative_tolerance = 1e-6}),
        tempo::reward::score_repetition(response),
        tempo::reward::FormatReward({.form = Form::kBoxed, .pattern = {}}).score(response),
        tempo::reward::FormatReward({.form = Form::kThinkAnswer, .pattern = {}}).score(response)}) {
    longest = std::max(longest, verdict.reason.size() + verdict.extracted.size());
  }
  return longest;
}

}  // namespace

// A quadratic pass over a megabyte is up to 1e12 steps, minutes; the slowest of these takes 0.3 s on one busy
// core.
TEST_CASE("rewards: take time linear in the response", "[reward]") {
  const std::vector<std::string> parts = {"7",           "1,",
                                          "1/",          "1.",
                                          "(",           "{",
                                          "\\boxed{",    "\\boxed{1}",
                                          "\\frac{1",    "answer is ",
                                          "answer ",     "#### ",
                                          "####",        "<answer>",
                                          "<think>",     "</think>",
                                          "option ",     "(B) ",
                                          "B, ",         "1e",
                                          "-",           "\\",
                                          "A and ",      "answer: B\n",
                                          "\\text{",     "</answer>",
                                          "= ",          "\xff",
                                          "\0"s,         "\xe2\x88\x92",
                                          "answer: A. ", "1e9999/1e-9999 ",
                                          "1 \\times ",  "1{,}",
                                          "a b c "};
  for (const auto& part : parts) {
    const auto response = repeated(part);
    const auto begin = std::chrono::steady_clock::now();
    const auto longest = longest_reason(response);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    INFO("part: " << part << ", seconds: " << seconds.count());
    CHECK(seconds.count() < 10);
    CHECK(longest < 1000);
  }
}

TEST_CASE("rewards: find the answer among bytes that are not text", "[reward]") {
  CHECK(tempo::reward::score_number("\xff\xfe 5\0 46\0"s, "46").score == 1);
  CHECK(tempo::reward::score_choice("\0\xff\xc3(B)\x80"s, "B", kOptions).score == 1);
  CHECK(tempo::reward::score_exact("\0 B \n"s, "B").score == 1);
}

TEST_CASE("quoted: gives one line of valid UTF-8, clipped", "[reward]") {
  using tempo::reward::quoted;
  CHECK(quoted("a\nb\0c"s) == "'a b c'");
  CHECK(quoted("\u00e9\u20ac\U0001F600") == "'\u00e9\u20ac\U0001F600'");
  CHECK(quoted("\xc3(\xed\xa0\x80") == "'\uFFFD(\uFFFD\uFFFD\uFFFD'");
  CHECK(quoted("\xc0\x80 \xf4\x90\x80\x80 \xe2\x82") ==
        "'\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD\uFFFD \uFFFD\uFFFD'");
  CHECK(quoted(std::string(100, 'x')) == "'" + std::string(58, 'x') + "...'");
}
