#include "tempo/reward/choice.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <string>
#include <vector>

#include "tempo/core/error.h"

using tempo::reward::score_choice;

namespace {

struct Case {
  std::string response;
  bool right;
};

// Checks every case against the answer B of the options A to D.
void check_all(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    const auto verdict = score_choice(c.response, "B", "ABCD");
    INFO("response: " << c.response << "\nreason: " << verdict.reason);
    CHECK(verdict.score == (c.right ? 1.0 : 0.0));
  }
}

const std::vector<Case> kDelimited = {
    {"\\boxed{B}", true},
    {"\\boxed{b}", true},
    {"\\boxed{(B)}", true},
    {"\\boxed{\\text{B}}", true},
    {"\\boxed{\\textbf{(B)}}", true},
    {"\\boxed{B. Aspirin}", true},
    {"\\boxed{B: a salicylate}", true},
    {"\\boxed{\\boxed{B}}", true},
    {"A is wrong: \\boxed{ B }", true},
    {"\\boxed{B} \\boxed{B}", true},
    {"\\boxed{A} \\boxed{B}", false},
    {"\\boxed{A, B}", false},
    {"\\boxed{B and C}", false},
    {"\\boxed{B/C}", false},
    {"\\boxed{C}", false},
    {"\\boxed{E}", false},
    {"\\boxed{}. B", false},
    {"\\boxed{Both}", false},
    {"\\boxed{B", false},
    {"<answer>B</answer>", true},
    {"<answer> (B) Aspirin </answer>", true},
    {"<ANSWER>\nB\n</ANSWER>", true},
    {"<answer>**B**</answer>", true},
    {"<answer>A</answer> The answer is B", false},
    {"<answer>Aspirin</answer> B", false},
    {"<answer>A</answer><answer>B</answer>", false},
    {"<answer>B</answer><answer>B.</answer>", true},
    {"<think>A</think><answer>B</answer>", true},
    {"<think>The answer is B", false},
    {"<think>The answer is A.</think>The answer is B.", true},
};

const std::vector<Case> kAnnounced = {
    {"The answer is B", true},
    {"The answer is B.", true},
    {"the answer is (B).", true},
    {"The correct answer is: B", true},
    {"The answer is **B**.", true},
    {"The answer is **B. Aspirin**", true},
    {"The answer is option B, because A is wrong.", true},
    {"Answer: B", true},
    {"**Answer:** (B) Aspirin", true},
    {"ANSWER: b", true},
    {"Answer:\n\nB", true},
    {"Answer = B", true},
    {"#### B", true},
    {"The best choice is B because it acts fast", true},
    {"The correct option is: $B$", true},
    {"The answer is $\\boxed{B}$.", true},
    {"The answer is A. Therefore the answer is B.", false},
    {"The answer is A or B.", false},
    {"The answer is B and C", false},
    {"The answer is B, D", false},
    {"The answer is B, a fast drug.", true},
    {"The answer is C.", false},
    {"The answer is Z.", false},
    {"The answer is a fast drug (B).", true},
    {"The answer is clear.\nB", true},
    {"The answer is Blood pressure", false},
    {"The answer is B's effect", false},
    {"The answer isn't A", false},
};

const std::vector<Case> kBare = {
    {"B", true},
    {"b", true},
    {" B. ", true},
    {"(B)", true},
    {"[B]", true},
    {"**B**", true},
    {"B) Aspirin", true},
    {"B: Aspirin", true},
    {"B. Aspirin, since A is slow", true},
    {"Let me think.\nAspirin acts fast.\n\nB", true},
    {"Aspirin acts fast, so (B)", true},
    {"(B) since (B) acts fast", true},
    {"(B) since (A) is slow", false},
    {"**(B)**", true},
    {"drug(s) (B)", true},
    {"Either (A) or (B)", false},
    {"A\nB", false},
    {"A 45-year-old man needs aspirin (B)", true},
    {"A 45-year-old man needs aspirin", false},
    {"Aspirin", false},
    {"C", false},
    {"(E)", false},
    {"", false},
    {"B\u00e9ta", false},
    {"ABCD", false},
    {"A, B, C or D", false},
    {"I would give aspirin", false},
};

}  // namespace

TEST_CASE("score_choice: takes the letter between delimiters, if they hold but one", "[reward]") {
  check_all(kDelimited);
}
TEST_CASE("score_choice: takes the announced letter, if all announcements agree", "[reward]") {
  check_all(kAnnounced);
}
TEST_CASE("score_choice: takes a letter that stands alone or in parentheses", "[reward]") {
  check_all(kBare);
}

TEST_CASE("score_choice: says what it compared, or why it could not", "[reward]") {
  CHECK(score_choice("B", "B", "ABCD").reason == "B equals B");
  CHECK(score_choice("C", "B", "ABCD").reason == "C differs from B");
  CHECK(score_choice("E", "B", "ABCD").reason == "E is none of the options ABCD");
  CHECK(score_choice("(C) (A) (C)", "B", "ABCD").reason == "several letters: AC");
  CHECK(score_choice("?", "B", "ABCD").reason == "no letter in the response");
  CHECK(score_choice("(C)", "b", "abc").extracted == "C");
}

TEST_CASE("score_choice: refuses an answer that is none of the options", "[reward]") {
  CHECK_THROWS_WITH(score_choice("B", "E", "ABCD"),
                    "expected one of the letters 'ABCD' as the answer, got 'E'");
  CHECK_THROWS_AS(score_choice("B", "", "ABCD"), tempo::Error);
}
