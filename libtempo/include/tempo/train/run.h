// A whole run: steps, with evaluations, saved models and log files between them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tempo/train/checkpoint.h"
#include "tempo/train/checkpoints.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/run_folder.h"
#include "tempo/train/trainer.h"

namespace tempo::train {

struct RunOptions {
  std::int64_t evaluate_every = 0;         // steps; 0: before the first and after the last only
  std::int64_t save_every = 0;             // steps; 0: after the last only
  std::int64_t completions_every = 1;      // steps between logged completions; 0: never
  at::ScalarType save_dtype = at::kFloat;  // of the saved weights
  std::int64_t checkpoint_every = 50;      // steps, and after the last; 0: only where a run is stopped
  KeepOptions keep{};                      // of the checkpoints

  // Throws tempo::Error naming the field.
  void validate() const;
};

// What a program shows while it runs. Each may be empty.
struct RunObserver {
  PhaseProgress progress;                                 // within a step or an evaluation
  std::function<void(const StepReport& report)> on_step;  // a step has ended
  // All sets have been evaluated, results in their order.
  std::function<void(std::int64_t step, std::span<const Evaluation> results)> on_evaluation;
  std::function<void(const std::filesystem::path& folder)> on_checkpoint;  // has been written
};

struct RunSummary {
  std::vector<Evaluation> before, after;  // of each set; before: none where a resumed run cannot know it
  std::filesystem::path model;            // Hugging Face folder of the trained model
  bool stopped = false;                   // on request: a checkpoint was written, and there is no model
};

// Where a run goes on.
struct ResumePoint {
  std::filesystem::path checkpoint;
  CheckpointState state;
};

// What run() works on, beside the trainer.
struct RunParts {
  const model::Model& model;
  const Task& task;
  std::span<const EvaluationSet> sets;  // may be none
  RunFolder* folder = nullptr;          // null on ranks other than 0
  std::filesystem::path checkpoints;    // folder of the checkpoints, the same for all ranks
  RunIdentity identity{};
};

// Runs the trainer's remaining steps, with evaluations on the sets. Every step's metrics are in the folder
// when on_step is called. Every rank of the trainer's group makes the same call. resumed: null, or the point
// to go on from, which is restored first. When `stop` wants it, the run ends with a checkpoint, before the
// next update begins. Throws tempo::Error as its parts do; what was written before stays.
RunSummary run(Trainer& trainer, const RunParts& parts, const RunOptions& options,
               const RunObserver& observer, const ResumePoint* resumed = nullptr,
               const StopRequest& stop = {});

}  // namespace tempo::train
