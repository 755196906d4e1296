#include "tempo/train/trainer.h"

#include <ATen/Parallel.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <string>
#include <vector>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinAbs;

namespace {

double mean_reward(const TinyRun& run, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += run.steps[i].metrics.at("reward");
  return sum / static_cast<double>(end - begin);
}

}  // namespace

TEST_CASE("Trainer: the reward of an easy task rises", "[train]") {
  auto options = tiny_options();
  options.loop.prompts_per_step = 8;
  options.advantage.estimator = GENERATE(credit::Estimator::kTempo, credit::Estimator::kGrpo);
  const auto run = run_steps(options, 30);
  CAPTURE(mean_reward(run, 0, 5), mean_reward(run, 25, 30));
  CHECK(mean_reward(run, 0, 5) < 0.4);
  CHECK(mean_reward(run, 25, 30) > 0.8);
}

TEST_CASE("Trainer: the same seed gives the same run, bit for bit", "[train]") {
  const int threads = GENERATE(1, 2);
  CAPTURE(threads);
  at::set_num_threads(threads);
  const auto first = run_steps(tiny_options(), 4), second = run_steps(tiny_options(), 4);
  CHECK(second.metrics() == first.metrics());
  CHECK(equal_bits(second.weights, first.weights));
}

TEST_CASE("Trainer: another seed gives another run", "[train]") {
  auto options = tiny_options();
  const auto first = run_steps(options, 2);
  options.loop.seed += 1;
  CHECK(run_steps(options, 2).metrics() != first.metrics());
}

TEST_CASE("Trainer: every step draws anew", "[train]") {
  auto options = tiny_options();
  options.loop.prompts_per_step = 1;
  const auto run =
      run_steps(options, 2, tiny_task({{"1", "77777"}}));  // no response is right: one model twice
  CHECK(run.steps[0].batch.text != run.steps[1].batch.text);
}

TEST_CASE("Trainer: the first update sees the log-probabilities of the sampler", "[train]") {
  const auto run = run_steps(tiny_options(), 3);
  for (const auto& step : run.steps) {
    // Of order 3, by sums in another order: 20 roundings (tests/model/model_fixtures.h).
    CHECK(step.metrics.at("sampling/logp_difference_max") <= 3 * 20 * 6e-8);
    CHECK(step.metrics.at("clip_ratio/region_mean") == 0);
  }
}

TEST_CASE("Trainer: mini-batches and passes make as many updates, and the later ones clip", "[train]") {
  auto options = tiny_options();
  options.optimizer.learning_rate = 0.03;
  options.loop.mini_batch_prompts = 2;
  options.loop.updates_per_batch = 3;
  std::vector<std::int64_t> updates;
  const auto model = tiny_language_model(1);
  const auto task = copy_task();
  train::Trainer trainer(model, nullptr, task, options);
  const auto report = trainer.step([&](std::string_view phase, std::int64_t done, std::int64_t total) {
    if (phase != "update") return;
    updates.push_back(done);
    CHECK(total == 6);
  });
  CHECK(updates == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
  CHECK(report.metrics.at("clip_ratio/low_mean") > 0);
  CHECK(report.metrics.at("clip_ratio/high_mean") > 0);
  CHECK(report.metrics.at("clip_ratio/region_mean") < 1);
}

TEST_CASE("Trainer: the learning rate follows the schedule over all updates of the run", "[train]") {
  auto options = tiny_options();
  options.loop.steps = 4;
  options.loop.mini_batch_prompts = 2;
  options.schedule.decay = optim::Decay::kLinear;
  const auto run = run_steps(options, 4);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK_THAT(run.steps[i].metrics.at("learning_rate"),
               WithinAbs(0.01 * (1 - static_cast<double>(i) / 4), 1e-12));
}

TEST_CASE("Trainer: epochs visit every example once, each in its own order", "[train]") {
  auto options = tiny_options();
  options.loop.prompts_per_step = 2;
  const auto run = run_steps(options, 4);
  for (const std::size_t epoch : {0U, 1U}) {
    std::vector<std::int64_t> seen;
    for (const std::size_t step : {2 * epoch, 2 * epoch + 1})
      for (const auto example : run.steps[step].batch.example) seen.push_back(example);
    std::sort(seen.begin(), seen.end());
    CHECK(seen == std::vector<std::int64_t>{0, 1, 2, 3});
    CHECK(run.steps[2 * epoch + 1].metrics.at("epoch") == static_cast<double>(epoch + 1));
  }
}

TEST_CASE("Trainer: KL to a reference equal to the model is zero before the first update", "[train]") {
  auto options = tiny_options();
  options.loss.kl_coefficient = 0.1;
  const auto model = tiny_language_model(1), reference = tiny_language_model(1);
  const auto task = copy_task();
  train::Trainer trainer(model, &reference, task, options);
  CHECK(trainer.step().metrics.at("kl") == 0);
  CHECK(trainer.step().metrics.at("kl") > 0);
}

TEST_CASE("Trainer: a KL coefficient needs a reference", "[train]") {
  auto options = tiny_options();
  options.loss.kl_coefficient = 0.1;
  const auto model = tiny_language_model(1);
  const auto task = copy_task();
  CHECK(error_of([&] { train::Trainer(model, nullptr, task, options); }) ==
        "kl_coefficient: expected a reference model, got none");
}

TEST_CASE("Trainer: bfloat16 weights learn, and the master weights stay float32", "[train]") {
  const auto model = tiny_language_model(1, at::kBFloat16);
  const auto task = copy_task();
  auto options = tiny_options();
  options.loop.prompts_per_step = 8;
  train::Trainer trainer(model, nullptr, task, options);
  double last = 0;
  for (int i = 0; i < 30; ++i) last = trainer.step().metrics.at("reward");
  CHECK(last > 0.6);
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    REQUIRE(trainer.optimizer().master_weights()[i].scalar_type() == at::kFloat);
    CHECK(at::equal(trainer.optimizer().master_weights()[i].to(at::kBFloat16),
                    model.parameters()[i].tensor.detach()));
  }
}
