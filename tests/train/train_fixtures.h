// Runs of a trainer on the tiny language.
#pragma once

#include <string>
#include <vector>

#include "support/tiny_language.h"
#include "tempo/train/trainer.h"

namespace tempo::testing {

inline train::TrainOptions tiny_options() {
  train::TrainOptions options;
  options.loop = {.steps = 30, .prompts_per_step = 4, .responses_per_prompt = 16, .seed = 5};
  options.sampling = {.max_new_tokens = 3, .stop_tokens = {kTurnEnd}};
  options.optimizer.learning_rate = 0.01;
  return options;
}

struct TinyRun {
  std::vector<train::StepReport> steps;
  std::vector<at::Tensor> weights;

  // Every metric that is not a time, a line a step.
  std::string metrics() const {
    std::string lines;
    for (const auto& step : steps) {
      train::Metrics kept;
      for (const auto& [name, value] : step.metrics.values())
        if (name != "step_time" && !name.starts_with("time/")) kept.set(name, value);
      lines += kept.json() + "\n";
    }
    return lines;
  }
};

inline TinyRun run_steps(const train::TrainOptions& options, std::int64_t steps,
                         const train::Task& task = copy_task()) {
  const auto model = tiny_language_model(1);
  train::Trainer trainer(model, nullptr, task, options);
  TinyRun run;
  for (std::int64_t i = 0; i < steps; ++i) run.steps.push_back(trainer.step());
  run.weights = copy_of_weights(model);
  return run;
}

}  // namespace tempo::testing
