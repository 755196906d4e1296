#include "tempo/reward/choice.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tempo/core/error.h"

using tempo::reward::score_choice;
using tempo::reward::Verdict;
using OptionList = std::vector<std::pair<std::string, std::string>>;

namespace {

const OptionList kOptions{
    {"A", "Ibuprofen"}, {"B", "Aspirin"}, {"C", "A 12-lead ECG"}, {"D", "E. coli (ETEC)"}};

Verdict score_of(const std::string& response, const std::string& answer = "B") {
  return score_choice(response, answer, kOptions);
}

struct Case {
  std::string response;
  bool right;
};

// Checks every case against the answer B of the options A to D.
void check_all(const std::vector<Case>& cases) {
  for (const auto& c : cases) {
    const auto verdict = score_of(c.response);
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
    {"<answer>Naproxen</answer> B", false},
    {"<answer>Aspirin</answer> A", true},
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
    {"(B) since its poly(A) tail is short", true},
    {"Either (A) or (B)", false},
    {"A\nB", false},
    {"A 45-year-old man needs aspirin (B)", true},
    {"A 45-year-old man needs aspirin", false},
    {"Naproxen", false},
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

TEST_CASE("score_choice: takes an option by its whole text", "[reward]") {
  check_all({
      {"Aspirin", true},
      {" aspirin.\n", true},
      {"**ASPIRIN**", true},
      {"\\boxed{\\text{Aspirin}}", true},
      {"\\boxed{Aspirin}", true},
      {"<answer>aspirin</answer>", true},
      {"The answer is aspirin.", true},
      {"Answer: Aspirin", true},
      {"<think>Ibuprofen</think>Aspirin", true},
      {"Ibuprofen", false},
      {"Aspirin and Ibuprofen", false},
      {"Aspirin acts fast", false},
      {"Aspirins", false},
      {"The answer is not aspirin.", false},
  });
}

TEST_CASE("score_choice: an option's text may begin as a letter does", "[reward]") {
  CHECK(score_of("A 12-lead ECG", "C").score == 1);
  CHECK(score_of("\\boxed{a 12-lead ECG}", "C").score == 1);
  CHECK(score_of("The answer is A 12-lead ECG.", "C").score == 1);
  CHECK(score_of("The answer is E. coli (ETEC).", "D").score == 1);
  CHECK(score_of("E. coli (ETEC)", "D").score == 1);
  CHECK(score_of("D. E. coli (ETEC)", "D").score == 1);
  CHECK(score_of("The answer is D. E. coli (ETEC)", "D").score == 1);
  CHECK(score_of("A. E. coli (ETEC)", "A").score == 0);
}

TEST_CASE("score_choice: a letter before another option's text is wrong", "[reward]") {
  CHECK(score_of("\\boxed{B. Ibuprofen}").reason == "several letters: AB");
  CHECK(score_of("B. Ibuprofen").score == 0);
  CHECK(score_of("The answer is (B) Ibuprofen.").score == 0);
  CHECK(score_of("The answer is B. Ibuprofen acts fast.").score == 1);
}

TEST_CASE("score_choice: a text that several options have chooses none", "[reward]") {
  const OptionList twins{{"A", "5 mg"}, {"B", "5 MG."}, {"C", "-5 mg"}, {"D", "5.0 mg"}};
  CHECK(score_choice("5 mg", "A", twins).score == 0);
  CHECK(score_choice("A. 5 mg", "A", twins).score == 1);
  CHECK(score_choice("-5 mg", "C", twins).score == 1);
  CHECK(score_choice("5.0 mg", "D", twins).score == 1);
}

TEST_CASE("score_choice: a letter is a letter, even where it is an option's text", "[reward]") {
  const OptionList swapped{{"A", "B"}, {"B", "A"}, {"C", "A and B"}};
  CHECK(score_choice("A", "A", swapped).score == 1);
  CHECK(score_choice("\\boxed{(B)}", "B", swapped).score == 1);
  CHECK(score_choice("A and B", "C", swapped).score == 1);
}

TEST_CASE("score_choice: a refusal is no answer", "[reward]") {
  for (const char* text : {"I cannot answer this question.", "None of the above.", "I don't know", "N/A", "?",
                           "", "As an AI model, I can't give medical advice.", "The answer is unclear."}) {
    INFO(text);
    CHECK(score_of(text).score == 0);
    CHECK(score_of(text).reason == "no option in the response");
  }
}

TEST_CASE("score_choice: says what it compared, or why it could not", "[reward]") {
  CHECK(score_of("B").reason == "B equals B");
  CHECK(score_of("C").reason == "C differs from B");
  CHECK(score_of("E").reason == "E is none of the options ABCD");
  CHECK(score_of("(C) (A) (C)").reason == "several letters: AC");
  CHECK(score_choice("(C)", "b", OptionList{{"a", ""}, {"b", ""}, {"c", ""}}).extracted == "C");
}

TEST_CASE("score_choice: refuses an answer that is none of the options", "[reward]") {
  CHECK_THROWS_WITH(score_of("B", "E"), "expected one of the letters 'ABCD' as the answer, got 'E'");
  CHECK_THROWS_AS(score_of("B", ""), tempo::Error);
  CHECK_THROWS_AS(score_choice("B", "B", OptionList{{"", "none"}}), tempo::Error);
}
