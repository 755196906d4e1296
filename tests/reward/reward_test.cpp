#include "tempo/reward/reward.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <filesystem>
#include <limits>
#include <vector>

#include "tempo/core/error.h"

using tempo::data::Example;
using tempo::reward::RewardFunction;
using tempo::reward::RewardKind;
using tempo::reward::RewardTerm;

namespace {

const Example kSum{
    .id = "s1", .problem = "12 + 34", .answer = "46", .options = {}, .subject = {}, .level = {}};
const Example kQuestion{.id = "q1",
                        .problem = "Which?",
                        .answer = "B",
                        .options = {{"A", "this"}, {"B", "that"}},
                        .subject = {},
                        .level = {}};

RewardTerm term(RewardKind kind, double weight, bool strict = false) {
  return {.kind = kind, .weight = weight, .number = {.strict = strict}};
}

}  // namespace

TEST_CASE("RewardFunction: adds weighted scores and keeps every reason", "[reward]") {
  const RewardFunction reward({term(RewardKind::kNumber, 1.0), term(RewardKind::kNumber, 0.25, true)});
  CHECK(reward.score("46", kSum).total == 1.25);
  const auto score = reward.score("It is 46", kSum);
  CHECK(score.total == 1.0);
  CHECK(score.reason == "number: 46 equals 46; number: expected a number and nothing else, got 'It is 46'");
  CHECK(score.extracted == "46");
  CHECK(score.terms == std::vector<double>{1.0, 0.0});
  CHECK(score.correct);
}

TEST_CASE("RewardFunction: dispatches on the kind", "[reward]") {
  CHECK(RewardFunction({term(RewardKind::kChoice, 2.0)}).score("(B)", kQuestion).total == 2.0);
  CHECK(RewardFunction({term(RewardKind::kExact, -1.0)}).score("B", kQuestion).total == -1.0);
  CHECK(RewardFunction({term(RewardKind::kExact, 1.0)}).score("(B)", kQuestion).total == 0.0);
}

TEST_CASE("RewardFunction: an answer is a choice where there are options, else mathematics", "[reward]") {
  const RewardFunction reward({term(RewardKind::kAnswer, 1.0)});
  CHECK(reward.score("(B)", kQuestion).total == 1.0);
  CHECK(reward.score("\\boxed{B}", kQuestion).total == 1.0);
  CHECK(reward.score("\\boxed{46}", kSum).total == 1.0);
  CHECK(reward.score("\\boxed{47}", kSum).total == 0.0);
  CHECK_NOTHROW(reward.check(kQuestion));
  CHECK_THROWS_WITH(
      reward.check({.id = "s1", .problem = "?", .answer = " ", .options = {}, .subject = {}, .level = {}}),
      "example 's1': answer reward: expected an answer, got an empty one");
}

TEST_CASE("RewardFunction: what is right is said by the first term that judges answers", "[reward]") {
  RewardTerm format = term(RewardKind::kFormat, 0.5);
  format.format.form = tempo::reward::Form::kBoxed;
  const RewardFunction reward({format, term(RewardKind::kRepetition, 1.0), term(RewardKind::kNumber, 1.0)});
  CHECK(reward.score("46", kSum).correct);
  CHECK_FALSE(reward.score("\\boxed{47}", kSum).correct);
  CHECK(reward.score("\\boxed{46}", kSum).total == 1.5);
  CHECK(RewardFunction({format}).score("\\boxed{47}", kSum).correct);
}

TEST_CASE("RewardFunction: penalties take the length from the response", "[reward]") {
  const RewardFunction reward({term(RewardKind::kNumber, 1.0), term(RewardKind::kOverlong, 0.5)});
  CHECK_NOTHROW(reward.check(kSum));
  const auto score = reward.score({.text = "46", .tokens = 100, .max_tokens = 100, .truncated = true}, kSum);
  CHECK(score.total == 0.5);
  CHECK(score.terms == std::vector<double>{1.0, -1.0});
  CHECK_THROWS_WITH(reward.score("46", kSum),
                    "example 's1': overlong reward: expected a length limit of the "
                    "response or of the options, got none");
}

TEST_CASE("RewardFunction: a batch gets the scores of its single responses", "[reward]") {
  const RewardFunction reward({term(RewardKind::kExact, 1.0), term(RewardKind::kRepetition, 1.0)});
  const std::vector<tempo::reward::Item> items{
      {{.text = "B"}, &kQuestion}, {{.text = "46"}, &kSum}, {{.text = "a a a a a a"}, &kSum}};
  const auto scores = reward.score(items);
  REQUIRE(scores.size() == 3);
  for (std::size_t i = 0; i < items.size(); ++i) {
    CHECK(scores[i].total == reward.score(items[i].response, *items[i].example).total);
    CHECK(scores[i].reason == reward.score(items[i].response, *items[i].example).reason);
  }
  CHECK(reward.score(std::vector<tempo::reward::Item>{}).empty());
}

TEST_CASE("RewardFunction: check names the example that a term cannot score", "[reward]") {
  const RewardFunction number({term(RewardKind::kNumber, 1.0)}), choice({term(RewardKind::kChoice, 1.0)});
  CHECK_NOTHROW(number.check(kSum));
  CHECK_NOTHROW(choice.check(kQuestion));
  CHECK_THROWS_WITH(number.check(kQuestion),
                    "example 'q1': number reward: expected a number as the answer, got 'B'");
  CHECK_THROWS_WITH(choice.check(kSum), "example 's1': choice reward: expected options, got none");
}

TEST_CASE("RewardFunction: refuses no terms and sums that are not finite", "[reward]") {
  constexpr double kMax = std::numeric_limits<double>::max();
  CHECK_THROWS_WITH(RewardFunction({}), "RewardFunction: expected at least one term, got none");
  CHECK_THROWS_WITH(RewardFunction({term(RewardKind::kNumber, std::numeric_limits<double>::quiet_NaN())}),
                    "weight: expected a finite number, got nan");
  const RewardFunction huge({term(RewardKind::kNumber, kMax), term(RewardKind::kNumber, kMax)});
  CHECK_THROWS_WITH(huge.score("46", kSum), "example 's1': expected a finite reward, got inf");
}

TEST_CASE("RewardFunction: verifies worked solutions, and none against the next one's answer", "[reward]") {
  const auto rows = tempo::data::read_examples(
      std::filesystem::path(TEMPO_GOLDEN_DIR) / "reward" / "worked.jsonl", {.problem_key = "solution"});
  const RewardFunction reward({term(RewardKind::kNumber, 1.0)});
  REQUIRE(rows.size() == 20);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].problem);
    CHECK(reward.score(rows[i].problem, rows[i]).total == 1.0);
    CHECK(reward.score(rows[i].problem, rows[(i + 1) % rows.size()]).total == 0.0);
  }
}
