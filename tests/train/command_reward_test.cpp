// Training with a reward in another process.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "reward/command_fixture.h"
#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

// Four problems, say the digit again, scored by a program.
train::Task command_task(const reward::CommandOptions& options) {
  reward::RewardTerm term;
  term.kind = reward::RewardKind::kCommand;
  term.command = options;
  std::vector<data::Example> examples;
  for (const char* digit : {"0", "1", "2", "3"}) examples.push_back({digit, digit, digit, {}, "", ""});
  return {"tiny.jsonl",
          std::move(examples),
          tiny_tokenizer(),
          text::chat_format("chatml"),
          reward::RewardFunction({term}),
          {}};
}

train::TrainOptions few_steps(std::int64_t steps) {
  auto options = tiny_options();
  options.loop.steps = steps;
  return options;
}

}  // namespace

TEST_CASE("Trainer: a program's scores train as those of the library do", "[train]") {
  const auto ours = tiny_language_model(1), theirs = tiny_language_model(1);
  const auto task = copy_task();
  const auto same = command_task(
      command_options(python("  t = r['response'].split(); n = [x for x in t if x.strip('.').isdigit()]\n"
                             "  a = {'score': 1 if r['response'].strip() == r['answer'] else 0}")));
  train::Trainer trainer(theirs, nullptr, same, few_steps(2));
  for (int step = 0; step < 2; ++step) {
    const auto report = trainer.step();
    CHECK(report.metrics.at("rewards/command/timeouts") == 0);
    CHECK(report.metrics.at("rewards/command/mean") == report.metrics.at("reward"));
    for (std::size_t r = 0; r < report.batch.text.size(); ++r)
      CHECK_THAT(report.batch.scores[r].reason, ContainsSubstring("command: "));
  }
  CHECK_FALSE(equal_bits(copy_of_weights(ours), copy_of_weights(theirs)));
}

TEST_CASE("Trainer: goes on while processes hang, die and lie, and counts it", "[train]") {
  const auto model = tiny_language_model(1);
  auto options =
      command_options(python("  n = len(r['response']) + r['id'] % 4\n"
                             "  if r['id'] > 0 and n % 7 == 0: sys.exit(1)\n"
                             "  if r['id'] == 20: time.sleep(1000)\n"
                             "  if r['id'] > 0 and n % 7 == 3: print('hm', flush=True)\n"
                             "  a = {'score': n % 2}"));
  options.workers = 2;
  options.max_failures = 50;
  const auto task = command_task(options);
  train::Trainer trainer(model, nullptr, task, few_steps(2));
  double failures = 0;
  for (int step = 0; step < 2; ++step) {
    const auto report = trainer.step();
    double failed = 0;
    for (const auto& score : report.batch.scores)
      failed += score.failures[0] == reward::Failure::kNone ? 0 : 1;
    const auto& metrics = report.metrics;
    CHECK(failed == metrics.at("rewards/command/timeouts") + metrics.at("rewards/command/deaths") +
                        metrics.at("rewards/command/bad_answers") +
                        metrics.at("rewards/command/unavailable"));
    failures += failed;
  }
  CHECK(failures > 0);
}

TEST_CASE("Trainer: goes on while every process answers once and ends", "[train]") {
  const auto model = tiny_language_model(1);
  const auto task =
      command_task(command_options(shell("read line; echo '{\"score\": 1}'; read line; exit 1")));
  train::Trainer trainer(model, nullptr, task, few_steps(1));
  const auto report = trainer.step();
  const double responses = 4 * 16;
  CHECK(report.metrics.at("rewards/command/deaths") + report.metrics.at("rewards/command/unavailable") <
        responses);
  CHECK(report.metrics.at("rewards/command/deaths") > 0);
}

TEST_CASE("Task: a reward's program that does not answer is an error before the work", "[train]") {
  CHECK_THAT(error_of([] { command_task(command_options({"no-such-program"})); }),
             ContainsSubstring("no-such-program") && ContainsSubstring("No such file"));
}
