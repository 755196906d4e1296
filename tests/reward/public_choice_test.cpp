// Questions of public data sets, answered in every usual way; built where their files are at hand.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "option_text.h"
#include "tempo/data/dataset.h"
#include "tempo/reward/choice.h"

namespace {

using tempo::data::Example;
using tempo::reward::score_choice;

struct Set {
  const char* file;
  std::size_t rows;
};
const std::vector<Set> kSets{{"medqa_dev.jsonl", 1272},
                             {"medqa_test.jsonl", 1273},
                             {"medqa_train_5opt_first1000.jsonl", 1000},
                             {"medmcqa_dev.jsonl", 4183},
                             {"mmlu_medical_test.jsonl", 1089}};

// Calls f on every row.
template <typename F>
void for_each_row(F f) {
  for (const auto& [file, rows] : kSets) {
    const auto examples = tempo::data::read_examples(std::filesystem::path(TEMPO_DATA_DIR) / file);
    REQUIRE(examples.size() == rows);
    for (const Example& example : examples) f(example);
  }
}

// Responses that choose the option by its letter.
std::vector<std::string> by_letter(const std::string& letter, const std::string& text) {
  const std::string lower(1, static_cast<char>(letter[0] - 'A' + 'a'));
  return {letter,
          lower,
          "(" + letter + ")",
          letter + ".",
          "**" + letter + "**",
          letter + ". " + text,
          letter + ") " + text,
          "(" + letter + ") " + text,
          letter + ": " + text,
          "The answer is " + letter + ".",
          "The correct answer is (" + letter + ") " + text + ".",
          "**Answer: " + letter + "**",
          "Answer: " + letter + ". " + text,
          "The correct option is " + letter + ": " + text,
          "\\boxed{" + letter + "}",
          "\\boxed{\\text{" + letter + "}}",
          "The answer is $\\boxed{" + letter + "}$.",
          "<answer>" + letter + "</answer>",
          "<answer>" + letter + ". " + text + "</answer>",
          "<think>It may be (A) or (B).</think>\n\n" + letter,
          "#### " + letter};
}

// Responses that choose it by its text alone.
std::vector<std::string> by_text(const std::string& text) {
  std::string upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return {text,
          upper,
          " " + text + "\n",
          "**" + text + "**",
          "<answer>" + text + "</answer>",
          "<think>Hm. (A)?</think>" + text};
}

// Whether the text chooses one option: no other has it, and it is more than a letter.
bool is_choice(const Example& example, const std::string& text) {
  const auto words = tempo::reward::plain_words(text);
  const auto same = std::count_if(example.options.begin(), example.options.end(), [&](const auto& option) {
    return tempo::reward::plain_words(option.second) == words;
  });
  return same == 1 && words.size() > 1;
}

}  // namespace

TEST_CASE("score_choice: every letter of the public sets, in every spelling, is right for itself alone",
          "[reward]") {
  std::size_t wrong = 0;
  for_each_row([&](const Example& row) {
    for (const auto& [letter, text] : row.options) {
      for (const auto& response : by_letter(letter, text)) {
        const auto verdict = score_choice(response, row.answer, row.options);
        if (verdict.score == (letter == row.answer ? 1 : 0)) continue;
        UNSCOPED_INFO(row.id << ": " << response << ": " << verdict.reason);
        if (++wrong == 20) FAIL();
      }
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("score_choice: every option of the public sets is found by its text alone", "[reward]") {
  std::size_t wrong = 0, options = 0, unclear = 0;
  for_each_row([&](const Example& row) {
    for (const auto& [letter, text] : row.options) {
      ++options;
      if (!is_choice(row, text)) {
        ++unclear;
        continue;
      }
      for (const auto& response : by_text(text)) {
        const auto verdict = score_choice(response, row.answer, row.options);
        if (verdict.score == (letter == row.answer ? 1 : 0) && verdict.extracted == letter) continue;
        UNSCOPED_INFO(row.id << ": " << response << ": " << verdict.reason);
        if (++wrong == 20) FAIL();
      }
    }
  });
  CHECK(wrong == 0);
  CHECK(options > 35'000);
  CHECK(unclear < options / 100);
}

TEST_CASE("score_choice: several letters and refusals are wrong on the public sets", "[reward]") {
  for_each_row([&](const Example& row) {
    const std::string other = row.answer == "A" ? "B" : "A";
    for (const std::string& response :
         {"(" + row.answer + ") or (" + other + ")", "\\boxed{" + row.answer + ", " + other + "}",
          "The answer is " + row.answer + " and " + other + ".", std::string("I cannot answer that."),
          std::string("I'm not sure."), std::string()}) {
      INFO(row.id << ": " << response);
      REQUIRE(score_choice(response, row.answer, row.options).score == 0);
    }
  });
}
