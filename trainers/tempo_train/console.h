// What tempo-train shows: the run's outline, a live line, a line a step, and the table at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "common/progress.h"
#include "common/run_config.h"
#include "tempo/model/model.h"
#include "tempo/train/run.h"

namespace tempo::programs {

class Console {
 public:
  using Sets = std::span<const train::EvaluationSet>;

  // first_step: steps done before.
  Console(std::int64_t first_step, std::int64_t total_steps)
      : first_step_(first_step), total_steps_(total_steps), step_(first_step) {}

  // Prints what is about to run. duplicates: lines about problems that stand twice; ranks: processes; notes:
  // lines about what the output folder held.
  void begin(const common::RunConfig& config, const model::Model& model, const train::Task& task, Sets sets,
             std::span<const std::string> duplicates, int ranks, std::span<const std::string> notes);

  // The observer refers to this console and to the sets.
  train::RunObserver observer(Sets sets);

  // Prints accuracy before and after, some answers before and after, and what was written where; of a stopped
  // run, how to go on.
  void end(const train::RunSummary& summary, Sets sets, const train::RunFolder& folder);

 private:
  using Clock = std::chrono::steady_clock;

  void show_progress(std::string_view phase, std::int64_t done, std::int64_t total);
  void show_step(const train::StepReport& report);
  void show_evaluation(std::int64_t step, Sets sets, std::span<const train::Evaluation> results);
  double elapsed_seconds() const;

  std::int64_t first_step_, total_steps_;
  std::int64_t step_;        // steps done
  std::string checkpoint_;   // the last one
  double step_seconds_ = 0;  // spent in finished steps
  std::string last_;         // figures of the last step, for the live line
  Clock::time_point start_ = Clock::now();
  common::ProgressLine line_;
};

}  // namespace tempo::programs
