#include "train/report.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <vector>

#include "tempo/train/phase_timer.h"
#include "train/groups.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinRel;

namespace {

// Two groups. The first: 7 response tokens on 5 nodes, of which 1-3 and 1-4 part behind 1 2; the second:
// equal rewards, one response cut.
train::Batch two_groups() {
  const std::vector<Group> groups{{{8, 8}, {{1, 2, 3}, {1, 2, 4}, {5}}, {1, 0, 0.5F}, {}},
                                  {{9}, {{6, 6, 6, 6}, {6}}, {2, 2}, {}}};
  train::Batch batch;
  batch.forest = forest_of(groups);
  for (std::size_t n = 0; n < batch.forest.token.size(); ++n)
    batch.forest.entropy[n] =
        batch.forest.trainable[n] != 0 ? static_cast<float>(batch.forest.depth[n]) : 100;
  batch.rewards = rewards_of(groups);
  batch.truncated = {0, 0, 0, 1, 0};
  batch.example = {0, 1};
  for (const float reward : batch.rewards) batch.scores.emplace_back().terms = {reward, -reward, 3};
  return batch;
}

train::Metrics batch_metrics(const train::Batch& batch) {
  std::vector<reward::RewardTerm> terms(3);
  terms[1].kind = reward::RewardKind::kExact;
  const reward::RewardFunction reward(terms);
  train::Metrics metrics;
  train::add_batch_metrics(batch, reward, 5, metrics);
  return metrics;
}

}  // namespace

TEST_CASE("add_batch_metrics: rewards by hand", "[train]") {
  const auto metrics = batch_metrics(two_groups());
  CHECK(metrics.at("reward") == 5.5 / 5);
  CHECK(metrics.at("reward_std") == 0.25);  // (0.5 + 0) / 2
  CHECK(metrics.at("frac_reward_zero_std") == 0.5);
  CHECK(metrics.at("sampling/prompts") == 5);
}

TEST_CASE("add_batch_metrics: a term of a kind that stands twice is numbered", "[train]") {
  const auto metrics = batch_metrics(two_groups());
  CHECK(metrics.at("rewards/number/mean") == 5.5 / 5);
  CHECK(metrics.at("rewards/exact/mean") == -5.5 / 5);
  CHECK(metrics.at("rewards/number_2/mean") == 3);
}

TEST_CASE("add_failure_metrics: only terms that can fail, by cause", "[train]") {
  std::vector<reward::RewardTerm> terms(3);
  terms[1].kind = reward::RewardKind::kRegex;
  terms[1].regex.pattern = std::string("a");
  terms[2].kind = reward::RewardKind::kCommand;
  terms[2].command.command = {"cat"};
  reward::FailureCounts regex{}, command{};
  regex[static_cast<std::size_t>(reward::Failure::kLimit)] = 5;
  command[static_cast<std::size_t>(reward::Failure::kTimeout)] = 7;
  train::Metrics metrics;
  train::add_failure_metrics(reward::RewardFunction(terms),
                             std::vector{reward::FailureCounts{}, regex, command}, metrics);
  CHECK(metrics.json() ==
        R"({"rewards/regex/limits":5,"rewards/command/timeouts":7,"rewards/command/deaths":0,)"
        R"("rewards/command/bad_answers":0,"rewards/command/unavailable":0})");
}

TEST_CASE("add_batch_metrics: lengths by hand", "[train]") {
  const auto metrics = batch_metrics(two_groups());
  CHECK(metrics.at("completions/mean_length") == 12.0 / 5);
  CHECK(metrics.at("completions/min_length") == 1);
  CHECK(metrics.at("completions/max_length") == 4);
  CHECK(metrics.at("completions/mean_terminated_length") == 2);
  CHECK(metrics.at("completions/clipped_ratio") == 0.2);
}

TEST_CASE("add_batch_metrics: entropy is a mean over response tokens, not over nodes", "[train]") {
  // Depths of the response tokens: 2 3 4, 2 3 4, 2 behind a prompt of two, 1 2 3 4, 1 behind one of one.
  CHECK_THAT(batch_metrics(two_groups()).at("entropy"), WithinRel((9 + 9 + 2 + 10 + 1) / 12.0, 1e-12));
}

TEST_CASE("add_batch_metrics: without responses means are not numbers", "[train]") {
  const auto metrics = batch_metrics({});
  CHECK(std::isnan(metrics.at("reward")));
  CHECK(std::isnan(metrics.at("entropy")));
  CHECK(metrics.at("completions/max_length") == 0);
}

TEST_CASE("add_tree_metrics: shares by hand", "[train]") {
  train::Metrics metrics;
  train::add_tree_metrics(two_groups().forest, metrics);
  CHECK(metrics.at("tree/unique_token_ratio") == 9.0 / 12);  // 1 2 3 4 5 and 6 6 6 6
  // 1 1 5 at the first fork, 3 4 at the second, and the second 6 where a response ends before.
  CHECK(metrics.at("tree/branch_tokens") == 6.0 / 12);
  CHECK(metrics.at("tree/prompt_share") == 3.0 / 12);
}

TEST_CASE("sampled_tokens: prompts count once a response", "[train]") {
  CHECK(train::sampled_tokens(two_groups().forest) == 12 + 3 * 2 + 2 * 1);
}

TEST_CASE("add_update_metrics: means over updates and over tokens", "[train]") {
  const std::vector<train::UpdateReport> updates{
      {.stats = {.tokens = 10,
                 .clipped_low = 1,
                 .clipped_high = 2,
                 .clipped_dual = 1,
                 .kl = 5,
                 .logp_difference_max = 0.5},
       .loss = 1,
       .grad_norm = 3,
       .trained_tokens = 20},
      {.stats = {.tokens = 30, .clipped_low = 3, .clipped_high = 0, .kl = 3, .logp_difference_max = 2},
       .loss = 2,
       .grad_norm = 4,
       .trained_tokens = 25}};
  train::Metrics metrics;
  train::add_update_metrics(updates, metrics);
  CHECK(metrics.at("loss") == 1.5);
  CHECK(metrics.at("grad_norm") == 3.5);
  CHECK(metrics.at("kl") == 0.2);
  CHECK(metrics.at("clip_ratio/low_mean") == 0.1);
  CHECK(metrics.at("clip_ratio/high_mean") == 0.05);
  CHECK(metrics.at("clip_ratio/region_mean") == 0.15);
  CHECK(metrics.at("clip_ratio/dual_mean") == 0.025);
  CHECK(metrics.at("sampling/logp_difference_max") == 0.5);
  CHECK(metrics.at("tree/trained_tokens") == 45);
}

TEST_CASE("PhaseTimer: adds up the times of a phase, in order of their first run", "[train]") {
  train::PhaseTimer timer;
  CHECK(timer.measure("b", [] { return 7; }) == 7);
  timer.measure("a", [] {});
  timer.measure("b", [] {});
  REQUIRE(timer.phases().size() == 2);
  CHECK(timer.phases()[0].first == "b");
  CHECK(timer.phases()[1].first == "a");
  CHECK(timer.phases()[0].second + timer.phases()[1].second <= timer.total());
}
