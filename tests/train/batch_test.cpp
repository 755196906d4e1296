#include "tempo/train/batch.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "support/tiny_language.h"
#include "train/groups.h"

using namespace tempo;
using namespace tempo::testing;

namespace {

// A batch of the groups; example indices count from `first_example`, and every text says whose it is.
train::Batch batch_of(const std::vector<Group>& groups, std::int64_t first_example) {
  train::Batch batch;
  batch.forest = forest_of(groups);
  batch.rewards = rewards_of(groups);
  for (std::int32_t g = 0; g < batch.groups(); ++g) batch.example.push_back(first_example + g);
  for (std::size_t r = 0; r < batch.rewards.size(); ++r) {
    batch.text.push_back(std::to_string(first_example) + "/" + std::to_string(batch.text.size()));
    batch.scores.emplace_back().reason = "of " + batch.text.back();
    batch.truncated.push_back(batch.text.size() % 2);
  }
  return batch;
}

const std::vector<Group> kFirst{{{1, 2}, {{3}, {3, 4}}, {0, 1}, {}}, {{5}, {{6}, {6}, {}}, {1, 1, 1}, {}}};
const std::vector<Group> kSecond{{{7}, {{8, 9}}, {0.5F}, {}}, {{2, 2}, {{1}, {4}}, {0.25F, -1}, {}}};

}  // namespace

TEST_CASE("has_signal: true where rewards of a group differ", "[train]") {
  const auto first = batch_of(kFirst, 0), second = batch_of(kSecond, 0);
  CHECK(train::has_signal(first, 0));
  CHECK_FALSE(train::has_signal(first, 1));
  CHECK_FALSE(train::has_signal(second, 0));
  CHECK(train::has_signal(second, 1));
}

TEST_CASE("gather: groups of several batches, in order, with all that belongs to them", "[train]") {
  const auto first = batch_of(kFirst, 10), second = batch_of(kSecond, 20);
  const std::vector<train::BatchGroup> groups{{&second, 1}, {&first, 0}, {&second, 0}};
  const auto batch = train::gather(groups);
  CHECK(batch.example == std::vector<std::int64_t>{21, 10, 20});
  CHECK(batch.text == std::vector<std::string>{"20/1", "20/2", "10/0", "10/1", "20/0"});
  CHECK(batch.rewards == std::vector<float>{0.25F, -1, 0, 1, 0.5F});
  CHECK(batch.truncated == std::vector<std::uint8_t>{0, 1, 1, 0, 1});
  CHECK(batch.scores[1].reason == "of 20/2");
  CHECK(batch.forest == forest_of({kSecond[1], kFirst[0], kSecond[0]}));
}

TEST_CASE("gather: no groups give an empty batch", "[train]") {
  const auto batch = train::gather({});
  CHECK(batch.groups() == 0);
  CHECK(batch.rewards.empty());
  CHECK(batch.forest.nodes() == 0);
}

TEST_CASE("check_fit: prompt and response must fit the model's positions", "[train]") {
  const auto model = tiny_language_model(1);
  const auto task = tiny_task({{"1", "1"}, {"123", "1"}});  // 7 and 9 tokens
  rollout::SamplingOptions sampling;
  sampling.max_new_tokens = 64 - 9;
  CHECK_NOTHROW(train::check_fit(model.config(), task, sampling));
  sampling.max_new_tokens += 1;
  CHECK(error_of([&] { train::check_fit(model.config(), task, sampling); }) ==
        "tiny.jsonl: example 1: expected a prompt of at most 8 tokens, as the model has 64 positions and "
        "max_new_tokens is 56, got 9");
}

TEST_CASE("roll_out: a group an example, responses as text without special tokens", "[train]") {
  const auto model = tiny_language_model(1);
  const auto task = copy_task();
  const std::vector<std::int64_t> examples{2, 0};
  const auto batch =
      train::roll_out(model, task, examples, 8, {.max_new_tokens = 3, .stop_tokens = {kTurnEnd}}, {});
  REQUIRE(batch.groups() == 2);
  CHECK(batch.example == examples);
  CHECK(batch.max_tokens == 3);
  REQUIRE(batch.text.size() == 16);
  CHECK(batch.rewards.empty());
  std::size_t cut = 0;
  for (std::int32_t r = 0; r < 16; ++r) {
    const auto tokens = tree::response_tokens(batch.forest, r);
    const auto index = static_cast<std::size_t>(r);
    CHECK(batch.text[index] == task.tokenizer().decode(tokens, true));
    CHECK((batch.truncated[index] != 0) == (tokens.back() != kTurnEnd));
    cut += batch.truncated[index];
  }
  CHECK(cut > 0);
}

TEST_CASE("score_responses: every response by its group's answer", "[train]") {
  const auto task = tiny_task({{"1", "1"}, {"2", "2"}});
  auto batch = batch_of({kFirst[0], kFirst[0]}, 0);
  batch.text = {"1", "2", " 1", "2."};
  train::score_responses(task, batch);
  CHECK(batch.rewards == std::vector<float>{1, 0, 0, 1});
  CHECK(batch.scores.size() == 4);
  CHECK(batch.scores[3].extracted == "2");
}

TEST_CASE("score_responses: rewards see lengths and the limit", "[train]") {
  reward::RewardTerm overlong;
  overlong.kind = reward::RewardKind::kOverlong;
  overlong.overlong.cache_tokens = 2;
  const train::Task task{"tiny.jsonl",
                         {{"0", "1", "1", {}, "", ""}},
                         tiny_tokenizer(),
                         text::chat_format("chatml"),
                         reward::RewardFunction({overlong}),
                         {}};
  auto batch = batch_of({{{1}, {{3}, {3, 4}, {3, 4, 5}}, {0, 0, 0}, {}}}, 0);
  batch.max_tokens = 3;
  train::score_responses(task, batch);
  CHECK(batch.rewards == std::vector<float>{0, -0.5F, -1});
}
