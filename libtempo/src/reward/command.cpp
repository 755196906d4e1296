#include "tempo/reward/command.h"

#include <cmath>
#include <mutex>
#include <utility>

#include "command_batch.h"
#include "command_protocol.h"
#include "tempo/core/error.h"

namespace tempo::reward {

void CommandOptions::validate() const {
  constexpr std::int32_t kMaxWorkers = 1024;
  constexpr double kMaxSeconds = 1e6;
  const auto is_duration = [](double seconds) { return seconds > 0 && seconds <= kMaxSeconds; };
  TEMPO_CHECK(!command.empty() && !command[0].empty(),
              "command: expected a program and its arguments, got nothing");
  TEMPO_CHECK(workers > 0 && workers <= kMaxWorkers, "workers: expected 1 to ", kMaxWorkers, ", got ",
              workers);
  TEMPO_CHECK(batch > 0, "batch: expected 1 or more, got ", batch);
  TEMPO_CHECK(is_duration(timeout_s), "timeout_s: expected seconds above 0 and at most ", kMaxSeconds,
              ", got ", timeout_s);
  TEMPO_CHECK(is_duration(start_timeout_s), "start_timeout_s: expected seconds above 0 and at most ",
              kMaxSeconds, ", got ", start_timeout_s);
  TEMPO_CHECK(std::abs(failure_score) <= kMaxScore, "failure_score: expected a size of at most ", kMaxScore,
              ", got ", failure_score);
  TEMPO_CHECK(max_failures > 0, "max_failures: expected 1 or more, got ", max_failures);
}

class CommandPool::Impl {
 public:
  explicit Impl(CommandOptions options) : workers_{std::move(options)} {}
  ~Impl() { end_workers(workers_); }

  const CommandOptions& options() const { return workers_.options; }

  std::vector<Verdict> score(std::span<const Item> items) {
    const std::lock_guard lock(mutex_);
    return CommandBatch(workers_, items).run();
  }

  void start(const data::Example& example) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(started_, true)) return;
    const Item item{.response = {}, .example = &example};
    const Verdict verdict = CommandBatch(workers_, {&item, 1}).run()[0];
    TEMPO_CHECK(verdict.failure == Failure::kNone,
                "command: expected an answer to an empty response, got none: ", verdict.reason);
  }

 private:
  std::mutex mutex_;
  CommandWorkers workers_;
  bool started_ = false;
};

CommandPool::CommandPool(CommandOptions options) {
  options.validate();
  impl_ = std::make_unique<Impl>(std::move(options));
}

CommandPool::~CommandPool() = default;

void CommandPool::start(const data::Example& example) { impl_->start(example); }

std::vector<Verdict> CommandPool::score(std::span<const Item> items) { return impl_->score(items); }

const CommandOptions& CommandPool::options() const { return impl_->options(); }

}  // namespace tempo::reward
