#include "tempo/reward/number.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <string>
#include <vector>

#include "tempo/core/error.h"

using tempo::reward::score_number;

namespace {

struct Case {
  std::string response;
  std::string answer;
  bool right;
};

// Checks every case, naming the response and the reason when it fails.
void check_all(const std::vector<Case>& cases, bool strict = false) {
  for (const auto& c : cases) {
    const auto verdict = score_number(c.response, c.answer, {.strict = strict});
    INFO("response: " << c.response << "\nanswer: " << c.answer << "\nreason: " << verdict.reason);
    CHECK(verdict.score == (c.right ? 1.0 : 0.0));
  }
}

const std::vector<Case> kNotation = {
    {"46", "46", true},
    {"46.", "46", true},
    {" 46\n", "46", true},
    {"47", "46", false},
    {"-46", "46", false},
    {"-46", "-46", true},
    {"+46", "46", true},
    {"\u221246", "-46", true},
    {"046", "46", true},
    {"46.0", "46", true},
    {"46.00", "46.0", true},
    {"4.6", "46", false},
    {".5", "0.5", true},
    {"-.5", "-0.5", true},
    {"0.50", "1/2", true},
    {"2/4", "1/2", true},
    {"-1/2", "-0.5", true},
    {"1/3", "0.333", false},
    {"1/3", "2/6", true},
    {"1.5/3", "0.5", true},
    {"\\frac{3}{4}", "0.75", true},
    {"-\\dfrac{3}{4}", "-3/4", true},
    {"\\frac{3}{4}", "3", false},
    {"1,234", "1234", true},
    {"1,234,567", "1234567", true},
    {"1,234.50", "1234.5", true},
    {"12,34", "1234", false},
    {"1,2345", "12345", false},
    {"0,123", "123", true},
    {"$18", "18", true},
    {"\\$18", "18", true},
    {"-$18", "-18", true},
    {"$-18", "-18", true},
    {"$18$", "18", true},
    {"50%", "50", true},
    {"50\\%", "50", true},
    {"50%", "0.5", false},
    {"1e3", "1000", true},
    {"1.5E-3", "0.0015", true},
    {"2e+2", "200", true},
    {"0", "-0", true},
    {"0.000", "0", true},
    {"1000000", "1e6", true},
    {"0.1", "0.10000000000000001", false},
    {"9007199254740993", "9007199254740992", false},
    {"123456789012345678901234567890", "123456789012345678901234567890", true},
    {"1{,}234", "1234", true},
    {"1\\,234\\,567", "1234567", true},
    {"2,\\!880", "2880", true},
    {"1{,}23", "123", false},
    {"1.5 \\times 10^{3}", "1500", true},
    {"-2 \\cdot 10^{-2}", "-0.02", true},
    {"3*10^5", "300000", true},
    {"3 \u00d7 10^5", "3e5", true},
    {"3 \\times 10^{x}", "3", false},
    {"3 \\times 10", "10", true},
    {"1e400", "1e400", true},
    {"1e-400", "0", false},
};

const std::vector<Case> kSentences = {
    {"12 + 34 = 46", "46", true},
    {"30 + 10 is 40, and 2 + 4 is 6, so 46", "46", true},
    {"46 is the sum of 12 and 34", "46", false},
    {"16-3", "3", true},
    {"(5)-3", "3", true},
    {"16 - 3 -4", "-4", true},
    {"It weighs 5kg", "5", true},
    {"5 apples, H2O and x2", "5", true},
    {"on 1/2/2020", "2020", false},
    {"6, version 1.2.3", "6", true},
    {"It is 6...7", "7", true},
    {"Total: Rs.500", "500", true},
    {"7 and 5/0", "7", true},
    {"forty-six", "46", false},
    {"", "46", false},
    {"**46**", "46", true},
    {"- 46", "46", true},
    {"46 \U0001F600", "46", true},
};

const std::vector<Case> kMarked = {
    {"#### 18", "18", true},
    {"9 * 2 = 18\n#### 18\n\nQuestion 2", "18", true},
    {"#### 17\n#### 18", "18", true},
    {"#### -1,080.50", "-1080.5", true},
    {"#### Step 3\nThe answer is 18.", "18", true},
    {"The answer is 18. I used 2 numbers.", "18", true},
    {"the Answer is: $18", "18", true},
    {"**Answer:** 18 dollars for 3 days", "18", true},
    {"Answer = 18 (9 * 2)", "18", true},
    {"The final answer is:\n\n$\\frac{1}{2}$.\nIt took 3 steps.", "0.5", true},
    {"The answer is 12 + 34 = 46. Next, 5", "46", true},
    {"The answer is 18 = eighteen", "18", true},
    {"The answer isn't clear, maybe 18", "18", true},
    {"Answer with a number: 18", "18", true},
    {"The answer is unknown. 18", "18", false},
    {"The answer is 17. No, the answer is 18.", "18", true},
    {"<answer>18</answer> or 19", "18", true},
    {"<Answer> 9 * 2 = 18 dollars </Answer>", "18", true},
    {"<answer>17</answer><answer>18</answer>", "18", true},
    {"<answer>17 or 18</answer>", "18", false},
    {"<answer>none</answer> 18", "18", false},
    {"<answer>17", "17", true},
    {"<think>18</think>17", "18", false},
    {"<think>It is 17</think>\nSo 18", "18", true},
    {"<think>18", "18", false},
};

const std::vector<Case> kBoxed = {
    {"\\boxed{18}, found in 3 steps", "18", true},
    {"\\boxed{17} no: \\boxed{18}", "18", true},
    {"\\boxed{\\boxed{18}}", "18", true},
    {"\\boxed{\\frac{3}{4}}", "3/4", true},
    {"\\boxed{x = 18}", "18", true},
    {"\\boxed{18\\text{ cm}}", "18", true},
    {"\\boxed{18\\%}", "18", true},
    {"\\boxed{\\$18.00}", "18", true},
    {"\\boxed{90^\\circ}", "90", true},
    {"\\boxed{18 dollars}", "18", true},
    {"\\boxed{-18}", "-18", true},
    {"\\boxed{18} and then \\boxed{19", "18", true},
    {"\\boxed{3\\sqrt{2}}", "3", false},
    {"\\boxed{3\\pi}", "3", false},
    {"\\boxed{3x}", "3", false},
    {"\\boxed{x+3}", "3", false},
    {"\\boxed{(3, 4)}", "3", false},
    {"\\boxed{3^2}", "3", false},
    {"\\boxed{18\\text{ cm}^2}", "18", false},
    {"\\boxed{}", "18", false},
    {"\\boxed{eighteen} 18", "18", false},
};

const std::vector<Case> kStrict = {
    {"46", "46", true},           {" 46. \n", "46", true},
    {"$46", "46", true},          {"46%", "46", true},
    {"1,046", "1046", true},      {"-46", "-46", true},
    {"46!", "46", false},         {"= 46", "46", false},
    {"46 apples", "46", false},   {"12 + 34 = 46", "46", false},
    {"\\boxed{46}", "46", false}, {"", "46", false},
};

}  // namespace

TEST_CASE("score_number: reads every notation of a number", "[reward]") { check_all(kNotation); }
TEST_CASE("score_number: takes the last number of unmarked text", "[reward]") { check_all(kSentences); }
TEST_CASE("score_number: takes the number that is marked as the answer", "[reward]") { check_all(kMarked); }
TEST_CASE("score_number: takes a boxed number, but no boxed mathematics", "[reward]") { check_all(kBoxed); }
TEST_CASE("score_number: strict wants the number and nothing else", "[reward]") { check_all(kStrict, true); }

TEST_CASE("score_number: a relative tolerance is exact at its bound", "[reward]") {
  const auto score = [](const char* response, const char* answer, double tolerance) {
    return score_number(response, answer, {.relative_tolerance = tolerance}).score;
  };
  CHECK(score("1000001", "1000000", 1e-6) == 1);
  CHECK(score("1000001.0000000001", "1000000", 1e-6) == 0);
  CHECK(score("999999", "1000000", 1e-6) == 1);
  CHECK(score("-999999", "-1000000", 1e-6) == 1);
  CHECK(score("999999", "-1000000", 1e-6) == 0);
  CHECK(score("1.1e-30", "1e-30", 0.1) == 1);
  CHECK(score("1.11e-30", "1e-30", 0.1) == 0);
  CHECK(score("0.333", "1/3", 1e-3) == 1);
  CHECK(score("0.3329", "1/3", 1e-3) == 0);
  CHECK(score("1e9999", "1e-9999", 1e-3) == 0);
  CHECK(score("0", "0", 1e-3) == 1);
  CHECK(score("1e-300", "0", 1e-3) == 0);
  CHECK(score("5", "5", 0) == 1);
}

TEST_CASE("score_number: a tolerance must not be negative", "[reward]") {
  CHECK_THROWS_WITH(score_number("5", "5", {.relative_tolerance = -1}),
                    "relative_tolerance: expected 0 or more, got -1");
}

TEST_CASE("score_number: says what it compared, or why it could not", "[reward]") {
  CHECK(score_number("So $17.", "18").reason == "$17 differs from 18");
  CHECK(score_number("So $18.", "18").extracted == "$18");
  CHECK(score_number("18.1", "18", {.relative_tolerance = 0.01}).reason == "18.1 is near 18");
  CHECK(score_number("none", "18").reason == "no number in the response");
  CHECK(score_number("\\boxed{1, 2}", "18").reason == "several numbers in \\boxed{}: '1, 2'");
  CHECK(score_number("\\boxed{3\\pi}", "3").reason == "more than a number in \\boxed{}: '3\\pi'");
  CHECK(score_number("a 5", "5", {.strict = true}).reason == "expected a number and nothing else, got 'a 5'");
}

TEST_CASE("score_number: refuses an answer that is not a number", "[reward]") {
  CHECK_THROWS_WITH(score_number("5", "3\\sqrt{2}"), "expected a number as the answer, got '3\\sqrt{2}'");
  CHECK_THROWS_AS(score_number("5", ""), tempo::Error);
}
