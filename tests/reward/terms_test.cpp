// Terms that look at a response's form: format, regex, overlong, repetition.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/reward/format.h"
#include "tempo/reward/overlong.h"
#include "tempo/reward/regex.h"
#include "tempo/reward/repetition.h"

using namespace tempo::reward;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

double format_score(const FormatOptions& options, const std::string& response) {
  return FormatReward(options).score(response).score;
}

double regex_score(const RegexOptions& options, const std::string& response, const std::string& answer = "") {
  return RegexReward(options).score(response, answer).score;
}

double overlong(std::int64_t tokens, std::int64_t max_tokens, std::int64_t cache_tokens) {
  return score_overlong({.text = {}, .tokens = tokens, .max_tokens = 0, .truncated = false},
                        {.max_tokens = max_tokens, .cache_tokens = cache_tokens})
      .score;
}

}  // namespace

TEST_CASE("FormatReward: a pattern must match the whole response", "[reward]") {
  const FormatOptions options{.form = Form::kPattern, .pattern = "Answer: \\d+|.*done"};
  CHECK(format_score(options, "Answer: 46") == 1);
  CHECK(format_score(options, "Answer: 46.") == 0);
  CHECK(format_score(options, " Answer: 46") == 0);
  CHECK(format_score(options, "a\nb done") == 1);
  CHECK(format_score(options, "a\nb done\n") == 0);
  CHECK(format_score({.form = Form::kPattern, .pattern = "Hi.$"}, "Hi\n") == 1);
  CHECK(format_score({.form = Form::kPattern, .pattern = "."}, "\u20ac") == 1);
  CHECK(format_score({.form = Form::kPattern, .pattern = "a.b"},
                     "a\xff"
                     "b") == 1);
  CHECK(format_score({.form = Form::kPattern, .pattern = "a.b"}, "a\0b"s) == 1);
}

TEST_CASE("FormatReward: boxed wants a whole box behind the thoughts", "[reward]") {
  const FormatOptions options{.form = Form::kBoxed, .pattern = {}};
  CHECK(format_score(options, "So \\boxed{46}.") == 1);
  CHECK(format_score(options, "So \\boxed{46") == 0);
  CHECK(format_score(options, "46") == 0);
  CHECK(format_score(options, "<think>\\boxed{46}</think>46") == 0);
}

TEST_CASE("FormatReward: think_answer wants both blocks, once, and nothing else", "[reward]") {
  const FormatOptions options{.form = Form::kThinkAnswer, .pattern = {}};
  CHECK(format_score(options, "<think>a</think><answer>b</answer>") == 1);
  CHECK(format_score(options, "\n<think>\na\n</think>\n\n<answer>b</answer>\n") == 1);
  CHECK(format_score(options, "<think></think><answer></answer>") == 1);
  for (const char* wrong :
       {"", "b", "<answer>b</answer>", "<think>a</think>", "<think>a</think><answer>b",
        "a<think></think><answer></answer>", "<think>a</think>b<answer>c</answer>",
        "<think>a</think><answer>b</answer>c", "<answer>b</answer><think>a</think>",
        "<think>a</think><answer>b</answer><answer>c</answer>", "<think><think>a</think><answer>b</answer>",
        "<think><answer></think></answer>"}) {
    INFO(wrong);
    CHECK(format_score(options, wrong) == 0);
  }
}

TEST_CASE("RegexReward: finds a match, or compares a group of the last one", "[reward]") {
  CHECK(regex_score({.pattern = "\\bcat\\b"}, "a cat sat") == 1);
  CHECK(regex_score({.pattern = "\\bcat\\b"}, "concatenate") == 0);
  CHECK(regex_score({.pattern = "cat", .whole = true}, "a cat") == 0);
  const RegexOptions group{.pattern = "ANSWER=(\\S+)", .answer_group = 1};
  CHECK(regex_score(group, "ANSWER=a ANSWER=b", " b ") == 1);
  CHECK(regex_score(group, "ANSWER=a ANSWER=b", "a") == 0);
  CHECK(regex_score(group, "b", "b") == 0);
  CHECK(regex_score({.pattern = "(a)|(b)", .answer_group = 2}, "a", "") == 1);
  CHECK(regex_score({.pattern = "(.*)", .whole = true, .answer_group = 1, .ignore_case = true}, "Yes",
                    "yes") == 1);
  CHECK(regex_score({.pattern = "x*"}, "\u20ac\u20ac") == 1);
  CHECK(regex_score({.pattern = "a(?=(b))", .answer_group = 1}, "ab\xff", "b") == 1);
  CHECK(RegexReward(group).score("ANSWER=a", "b").reason == "'a' differs from 'b'");
  CHECK(RegexReward(group).score("ANSWER=a", "b").extracted == "a");
}

TEST_CASE("patterns: what is wrong with one is an error with its place", "[reward]") {
  CHECK_THROWS_WITH(
      RegexReward({.pattern = "a(b"}),
      "pattern: expected a regular expression, got 'a(b': missing closing parenthesis at character 4");
  CHECK_THROWS_WITH(RegexReward({.pattern = ""}), "pattern: expected a regular expression, got nothing");
  CHECK_THROWS_WITH(RegexReward({.pattern = "(a)", .answer_group = 2}),
                    "answer_group: expected 0, or one of the pattern's 1 capture groups, got 2");
  CHECK_THROWS_WITH(FormatReward({}), "pattern: expected a regular expression, or another form, got nothing");
  CHECK_THROWS_WITH(FormatReward({.form = Form::kBoxed, .pattern = "a"}),
                    "pattern: expected none beside a form, got 'a'");
  CHECK_THROWS_AS(RegexReward({.pattern = "\xff"}), tempo::Error);
}

// Each is exponential or quadratic without the limit; with it, a fraction of a second.
TEST_CASE("patterns: a match that takes too long is a failure, not a wait", "[reward]") {
  struct Case {
    const char* pattern;
    std::string text;
  };
  const std::vector<Case> cases{
      {"(a+)+$", std::string(60, 'a') + "b"},         {"(a|aa)+$", std::string(60, 'a') + "b"},
      {"(a?){30}a{30}[bc]", std::string(50, 'a')},    {"(.)(.*)\\1\\2$", std::string(20'000, 'a') + "b"},
      {"(?:a|b)*+[cd]", std::string(1'000'000, 'a')}, {"(a(?R)?[bc])", std::string(300'000, 'a')}};
  for (const Case& c : cases) {
    const auto begin = std::chrono::steady_clock::now();
    const auto verdict = RegexReward({.pattern = c.pattern}).score(c.text, "");
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    INFO("pattern: " << c.pattern << ", seconds: " << seconds.count());
    CHECK(seconds.count() < 10);
    CHECK(verdict.failure == Failure::kLimit);
    CHECK(verdict.score == 0);
    CHECK_THAT(verdict.reason, ContainsSubstring("too many steps"));
  }
}

TEST_CASE("patterns: an ordinary one takes a long response", "[reward]") {
  const std::string response = "<think>" + std::string(1'000'000, 'a') + "</think><answer>46</answer>";
  CHECK(format_score({.form = Form::kPattern, .pattern = "<think>.*?</think>\\s*<answer>.*?</answer>"},
                     response) == 1);
  CHECK(regex_score({.pattern = "<answer>(.*?)</answer>", .answer_group = 1}, response, "46") == 1);
  CHECK(regex_score({.pattern = "a", .answer_group = 0}, response) == 1);
}

TEST_CASE("score_overlong: falls from 0 to -1 over the last tokens (DAPO, eq. 13)", "[reward]") {
  CHECK(overlong(0, 20480, 4096) == 0);
  CHECK(overlong(16384, 20480, 4096) == 0);
  CHECK(overlong(16385, 20480, 4096) == -1.0 / 4096);
  CHECK(overlong(18432, 20480, 4096) == -0.5);
  CHECK(overlong(20480, 20480, 4096) == -1);
  CHECK(overlong(30000, 20480, 4096) == -1);
  CHECK(overlong(90, 100, 0) == -0.5);
  CHECK(overlong(3, 3, 0) == -1);
}

TEST_CASE("score_overlong: wants a limit, above the cache", "[reward]") {
  CHECK_THROWS_AS(overlong(1, 0, 0), tempo::Error);
  CHECK_THROWS_WITH(overlong(1, 10, 11), "cache_tokens: expected at most max_tokens, 10, got 11");
  CHECK_THROWS_WITH(
      score_overlong({.text = {}, .tokens = 1, .max_tokens = 10, .truncated = false}, {.cache_tokens = 11}),
      "cache_tokens: expected at most the length limit, 10, got 11");
  CHECK_THROWS_AS(overlong(1, -1, 0), tempo::Error);
}

TEST_CASE("score_repetition: the share of sequences that were there before", "[reward]") {
  CHECK(score_repetition("one two three four").score == 0);
  CHECK(score_repetition("").score == 0);
  CHECK(score_repetition("a a").score == 0);
  CHECK_THAT(score_repetition("a a a a").score, WithinAbs(-0.5, 1e-12));
  CHECK_THAT(score_repetition("A b c\na B\tc").score, WithinAbs(-1.0 / 4, 1e-12));  // a b c twice, of four
  CHECK_THAT(score_repetition("a b a b", {.ngram = 1, .max_penalty = 0.2}).score, WithinAbs(-0.1, 1e-12));
  CHECK(score_repetition("a b a b").reason == "0 of 2 sequences of 3 words are repeated");
  CHECK_THROWS_WITH(score_repetition("", {.ngram = 0}), "ngram: expected 1 or more, got 0");
  CHECK_THROWS_WITH(score_repetition("", {.max_penalty = -1}), "max_penalty: expected 0 or more, got -1");
}
