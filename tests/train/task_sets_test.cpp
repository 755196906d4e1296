// Tasks of several data sets.
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;

namespace {

train::TaskSource source(const std::string& name, const std::vector<std::string>& digits,
                         std::optional<double> weight = {}, const std::string& prompt = "{problem}") {
  train::TaskSource source{.name = name,
                           .location = name + ".jsonl",
                           .weight = weight,
                           .prompt = {.system = "", .user = prompt},
                           .examples = {}};
  for (const std::string& digit : digits)
    source.examples.push_back({.id = name + digit, .problem = digit, .answer = digit, .options = {}});
  return source;
}

train::Task task_of(std::vector<train::TaskSource> sources) {
  return {std::move(sources),
          tiny_tokenizer(),
          text::chat_format("chatml"),
          reward::RewardFunction({reward::RewardTerm{}}),
          {}};
}

}  // namespace

TEST_CASE("Task: data sets follow each other, each with its own prompt", "[train]") {
  const auto task = task_of({source("a", {"0", "1"}), source("b", {"2"}, {}, "{problem} {problem}")});
  REQUIRE(task.size() == 3);
  CHECK(task.example(2).id == "b2");
  CHECK(task.prompt(2).size() == task.prompt(1).size() + 2);
  CHECK(task.sets()[1].first == 2);
  CHECK(task.sets()[1].size == 1);
  CHECK(task.set_of(1) == 0);
  CHECK(task.set_of(2) == 1);
  CHECK(task.location(2) == "b.jsonl");
}

TEST_CASE("Task: prompts follow the weights, or the sizes without them", "[train]") {
  const auto of_second = [](const train::Task& task) {
    std::int64_t count = 0;
    for (const std::int64_t index : task.order(1, true).take(0, 40)) count += task.set_of(index) == 1 ? 1 : 0;
    return count;
  };
  CHECK(of_second(task_of({source("a", {"0", "1", "2"}), source("b", {"3"})})) == 10);
  CHECK(of_second(task_of({source("a", {"0", "1", "2"}, 1), source("b", {"3"}, 3)})) == 30);
}

TEST_CASE("Task: one data set is visited in the order of its examples alone", "[train]") {
  CHECK(copy_task().order(5, true).take(3, 20) == data::PromptOrder(4, 5).take(3, 20));
}

TEST_CASE("Task: remove takes examples from every set, and refuses to empty one", "[train]") {
  auto task = task_of({source("a", {"0", "1", "2"}), source("b", {"3", "4"})});
  task.remove(std::vector<std::int64_t>{0, 2, 3});
  REQUIRE(task.size() == 2);
  CHECK(task.example(0).id == "a1");
  CHECK(task.example(1).id == "b4");
  CHECK(task.prompt(1).size() == 7);
  CHECK(task.set_of(1) == 1);
  CHECK(error_of([&] { task.remove(std::vector<std::int64_t>{1}); }) ==
        "b.jsonl: expected examples that can be used, got 1 that are left out");
}

TEST_CASE("Task: an error names the set that it is in", "[train]") {
  CHECK(error_of([] {
          task_of({source("a", {"0"}), source("b", {"2"}, {}, "{options}")});
        }) == "b.jsonl: prompt.user: expected options for {options}, got none in example 'b2'");
}

TEST_CASE("Trainer: tells each data set's prompts and reward, and goes through them by weight", "[train]") {
  auto options = tiny_options();
  options.loop.prompts_per_step = 4;
  const auto task = task_of({source("a", {"0", "1", "2"}, 3), source("b", {"3"}, 1)});
  const auto run = run_steps(options, 3, task);
  for (const auto& step : run.steps) {
    CHECK(step.metrics.at("data/a/prompts") == 3);
    CHECK(step.metrics.at("data/b/prompts") == 1);
    CHECK(std::abs(0.75 * step.metrics.at("data/a/reward") + 0.25 * step.metrics.at("data/b/reward") -
                   step.metrics.at("reward")) < 1e-6);
  }
  CHECK_FALSE(run_steps(options, 1).steps[0].metrics.contains("data/tiny/prompts"));
}
