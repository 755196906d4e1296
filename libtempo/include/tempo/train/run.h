// A whole run: steps, with evaluations, saved models and log files between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "tempo/train/evaluate.h"
#include "tempo/train/run_folder.h"
#include "tempo/train/trainer.h"

namespace tempo::train {

struct RunOptions {
  EvaluationOptions evaluation{};
  std::int64_t evaluate_every = 0;         // steps; 0: before the first and after the last only
  std::int64_t save_every = 0;             // steps; 0: after the last only
  std::int64_t completions_every = 1;      // steps between logged completions; 0: never
  at::ScalarType save_dtype = at::kFloat;  // of the saved weights

  // Throws tempo::Error naming the field.
  void validate() const;
};

// What a program shows while it runs. Each may be empty.
struct RunObserver {
  PhaseProgress progress;                                 // within a step or an evaluation
  std::function<void(const StepReport& report)> on_step;  // a step has ended
  std::function<void(std::int64_t step, const Evaluation& result)> on_evaluation;
};

struct RunSummary {
  std::optional<Evaluation> before, after;  // without an evaluation task: none
  std::filesystem::path model;              // Hugging Face folder of the trained model
};

// Runs all steps of the trainer. evaluation_task: null for none. Every step's metrics are in the folder when
// on_step is called. Throws tempo::Error as its parts do; what was written before stays.
RunSummary run(Trainer& trainer, const model::Model& model, const Task& task, const Task* evaluation_task,
               RunFolder& folder, const RunOptions& options, const RunObserver& observer);

}  // namespace tempo::train
