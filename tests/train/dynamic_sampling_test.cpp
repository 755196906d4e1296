// DAPO's dynamic sampling: groups of equal rewards are replaced by those of fresh prompts.
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <vector>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;

namespace {

// 64 problems, of which every other has an answer that no response of three tokens can give.
train::Task half_hopeless_task() {
  std::vector<std::pair<std::string, std::string>> problems;
  for (int i = 0; i < 64; ++i)
    problems.emplace_back(std::to_string(i % 4), i % 2 == 0 ? std::to_string(i % 4) : "77777");
  return tiny_task(problems);
}

train::Task hopeless_task() { return tiny_task({{"1", "77777"}, {"2", "77777"}, {"3", "77777"}}); }

train::TrainOptions dynamic_options(std::int32_t max_refills) {
  auto options = tiny_options();
  options.loop.dynamic_sampling = true;
  options.loop.max_refills = max_refills;
  return options;
}

}  // namespace

TEST_CASE("Trainer: dynamic sampling keeps groups with a gradient and draws others again", "[train]") {
  const auto run = run_steps(dynamic_options(20), 1, half_hopeless_task());
  const auto& step = run.steps[0];
  CHECK(step.batch.groups() == 4);
  CHECK(step.sampled_prompts > 4);
  CHECK(step.metrics.at("sampling/prompts") == static_cast<double>(step.sampled_prompts));
  for (std::int32_t g = 0; g < step.batch.groups(); ++g) CHECK(train::has_signal(step.batch, g));
  CHECK(step.metrics.at("frac_reward_zero_std") == 0);
}

TEST_CASE("Trainer: refills take the prompts that come next, and the next step those after them", "[train]") {
  const auto run = run_steps(dynamic_options(20), 2, half_hopeless_task());
  const auto sampled = run.steps[0].sampled_prompts + run.steps[1].sampled_prompts;
  CHECK(run.steps[1].metrics.at("epoch") == static_cast<double>(sampled) / 64);
  std::set<std::int64_t> seen;
  for (const auto example : run.steps[0].batch.example) CHECK(seen.insert(example).second);
}

TEST_CASE("Trainer: a prompt that comes again in a refill is sampled anew", "[train]") {
  auto options = dynamic_options(20);
  options.loop.responses_per_prompt = 4;
  const auto run = run_steps(options, 1, tiny_task({{"1", "1"}}));
  REQUIRE(run.steps[0].sampled_prompts > 4);
  REQUIRE(run.steps[0].batch.groups() == 4);
  std::set<std::vector<std::string>> groups;
  const auto& text = run.steps[0].batch.text;
  for (auto first = text.begin(); first != text.end(); first += 4) groups.emplace(first, first + 4);
  CHECK(groups.size() == 4);
}

TEST_CASE("Trainer: refills end at their limit", "[train]") {
  const auto run = run_steps(dynamic_options(2), 1, hopeless_task());
  CHECK(run.steps[0].sampled_prompts == 4 + 4 + 4);
  CHECK(run_steps(dynamic_options(0), 1, hopeless_task()).steps[0].sampled_prompts == 4);
}

TEST_CASE("Trainer: a step without any gradient leaves the weights, and the run goes on", "[train]") {
  const auto before = copy_of_weights(tiny_language_model(1));
  const auto dynamic = run_steps(dynamic_options(1), 2, hopeless_task());
  CHECK(dynamic.steps[1].batch.groups() == 0);
  CHECK(equal_bits(dynamic.weights, before));
  const auto plain = run_steps(tiny_options(), 2, hopeless_task());
  CHECK(plain.steps[1].batch.groups() == 4);
  CHECK(plain.steps[1].metrics.at("frac_reward_zero_std") == 1);
  CHECK(plain.steps[1].metrics.at("loss") == 0);
  CHECK(equal_bits(plain.weights, before));
}

TEST_CASE("Trainer: where all groups have a gradient, dynamic sampling changes nothing", "[train]") {
  auto options = dynamic_options(4);
  options.loop.responses_per_prompt = 64;
  const auto dynamic = run_steps(options, 1);
  options.loop.dynamic_sampling = false;
  const auto plain = run_steps(options, 1);
  REQUIRE(plain.steps[0].metrics.at("frac_reward_zero_std") == 0);
  CHECK(dynamic.metrics() == plain.metrics());
  CHECK(equal_bits(dynamic.weights, plain.weights));
}
