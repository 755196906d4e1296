#include "tempo/train/set_statistics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <string>
#include <vector>

#include "support/tiny_language.h"
#include "tempo/train/evaluate.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinRel;
using train::Answer;

namespace {

// Answers as scored against problem `problem`, whose right answer is its own number.
void add(std::vector<Answer>& answers, std::int64_t problem, bool greedy,
         const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Answer answer;
    answer.problem = problem;
    answer.greedy = greedy;
    answer.sample = static_cast<std::int32_t>(i);
    answer.tokens = static_cast<std::int32_t>(texts[i].size());
    answer.truncated = texts[i].empty();
    answer.score.extracted = texts[i];
    answer.score.correct = texts[i] == std::to_string(problem);
    answers.push_back(answer);
  }
}

train::Task two_subjects() {
  std::vector<data::Example> examples(2);
  examples[0] = {.id = "a", .problem = "0", .answer = "0", .options = {}, .subject = "s", .level = ""};
  examples[1] = {.id = "b", .problem = "1", .answer = "1", .options = {}, .subject = "t", .level = ""};
  return {"tiny.jsonl",
          std::move(examples),
          tiny_tokenizer(),
          text::chat_format("chatml"),
          reward::RewardFunction({reward::RewardTerm{}}),
          {}};
}

}  // namespace

TEST_CASE("statistics_of: hand numbers of two problems with four samples", "[train]") {
  std::vector<Answer> answers;
  add(answers, 0, false, {"0", "5", "5", ""});  // 1 of 4 right, the majority is wrong
  add(answers, 1, false, {"1", "1", "12", "1"});
  const auto statistics = train::statistics_of(two_subjects(), answers);
  CHECK_FALSE(statistics.greedy);
  const auto& sampled = *statistics.sampled;
  CHECK(sampled.samples == 4);
  CHECK(sampled.accuracy.value == 0.5);
  REQUIRE(sampled.pass_at.size() == 3);
  CHECK(sampled.pass_at[0].second.value == 0.5);
  CHECK_THAT(sampled.pass_at[1].second.value, WithinRel(0.75, 1e-12));  // (1/2 + 1) / 2
  CHECK(sampled.pass_at[2].second.value == 1);
  CHECK(sampled.majority_at[0].second.value == 0.5);
  CHECK(sampled.majority_at[1].second.value == 0.5);  // (0 5)(5 _): the first of equals; (1 1)(12 1)
  CHECK(sampled.majority_at[2].second.value == 0.5);
  CHECK(sampled.mean_length == 1.0);
  CHECK(sampled.truncated == 0.125);
  CHECK(sampled.unanswered == 0.125);
}

TEST_CASE("statistics_of: greedy answers and samples are told apart", "[train]") {
  std::vector<Answer> answers;
  add(answers, 0, true, {"0"});
  add(answers, 1, true, {"0"});
  add(answers, 0, false, {"1", "1"});
  add(answers, 1, false, {"1", "1"});
  const auto statistics = train::statistics_of(two_subjects(), answers);
  CHECK(statistics.greedy->accuracy.value == 0.5);
  CHECK(statistics.sampled->accuracy.value == 0.5);
  REQUIRE(statistics.subjects.size() == 2);
  CHECK(statistics.subjects[0].name == "s");
  CHECK(statistics.subjects[0].problems == 1);
  CHECK(statistics.subjects[0].greedy->value == 1);
  CHECK(statistics.subjects[0].sampled->value == 0);
  CHECK(statistics.subjects[1].greedy->value == 0);
  CHECK(statistics.levels.empty());
}

TEST_CASE("statistics_of: refuses answers that do not fit the problems", "[train]") {
  std::vector<Answer> answers;
  CHECK(error_of([&] { train::statistics_of(two_subjects(), answers); }) ==
        "statistics_of: expected answers, got none");
  add(answers, 0, false, {"0", "1"});
  add(answers, 1, false, {"0"});
  CHECK(error_of([&] { train::statistics_of(two_subjects(), answers); }) ==
        "statistics_of: expected the same number of answers for each of 2 problems, got 3");
}
