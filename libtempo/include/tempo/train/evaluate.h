// Accuracy of a model on a task.
#pragma once

#include <cstdint>

#include "tempo/model/model.h"
#include "tempo/rollout/sampler.h"
#include "tempo/train/batch.h"
#include "tempo/train/task.h"

namespace tempo::train {

struct EvaluationOptions {
  std::int32_t samples = 1;             // responses a problem; accuracy is their mean
  rollout::SamplingOptions sampling{};  // temperature 0: greedy
  std::uint64_t seed = 0;

  // Throws tempo::Error naming the field.
  void validate() const;
};

struct Evaluation {
  Batch batch;                // every response with its score
  double accuracy = 0;        // share of right responses: reward::Score::correct
  double standard_error = 0;  // of the accuracy over problems
  double mean_length = 0;     // tokens of a response
  double truncated = 0;       // share of responses cut at the length limit
};

// Samples and scores every example of the task. Same seed and weights, same responses.
Evaluation evaluate(const model::Model& model, const Task& task, const EvaluationOptions& options,
                    const rollout::Progress& progress = {});

}  // namespace tempo::train
