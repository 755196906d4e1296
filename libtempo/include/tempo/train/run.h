// A whole run: steps, with evaluations, saved models and log files between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "tempo/train/evaluate.h"
#include "tempo/train/run_folder.h"
#include "tempo/train/trainer.h"

namespace tempo::train {

struct RunOptions {
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
  // All sets have been evaluated, results in their order.
  std::function<void(std::int64_t step, std::span<const Evaluation> results)> on_evaluation;
};

struct RunSummary {
  std::vector<Evaluation> before, after;  // of each set
  std::filesystem::path model;            // Hugging Face folder of the trained model
};

// Runs all steps of the trainer, with evaluations on the sets, which may be none. Every step's metrics are in
// the folder when on_step is called. Throws tempo::Error as its parts do; what was written before stays.
RunSummary run(Trainer& trainer, const model::Model& model, const Task& task,
               std::span<const EvaluationSet> sets, RunFolder& folder, const RunOptions& options,
               const RunObserver& observer);

}  // namespace tempo::train
