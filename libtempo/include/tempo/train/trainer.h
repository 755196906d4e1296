// The training loop: roll out, reward, credit, loss, update.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/data/prompt_order.h"
#include "tempo/model/model.h"
#include "tempo/optim/adamw.h"
#include "tempo/train/batch.h"
#include "tempo/train/metrics.h"
#include "tempo/train/options.h"
#include "tempo/train/phase_timer.h"
#include "tempo/train/task.h"

namespace tempo::train {

// Says where a step is: the phase, and how much of it is done of how much.
using PhaseProgress = std::function<void(std::string_view phase, std::int64_t done, std::int64_t total)>;

struct StepReport {
  Batch batch;                                  // what was trained on
  std::int64_t sampled_prompts = 0;             // prompts sampled for it, replaced groups included
  std::vector<reward::FailureCounts> failures;  // [terms] of the responses to those prompts
  credit::Credit credit;                        // of the batch's forest
  Metrics metrics;
};

// Trains a model in place. Not thread-safe; model, reference and task must outlive it.
class Trainer {
 public:
  // reference: the frozen model of the KL term, of the same vocabulary; null without one. Throws
  // tempo::Error: options that do not validate, or that need a reference when there is none; a prompt that
  // does not fit the model (check_fit).
  Trainer(const model::Model& model, const model::Model* reference, const Task& task,
          const TrainOptions& options);

  // One step. Throws tempo::Error when the sampler, a reward or an update does; the weights are then those of
  // the last whole update.
  StepReport step(const PhaseProgress& progress = {});

  std::int64_t steps_done() const { return step_; }
  std::int64_t total_steps() const { return total_steps_; }

  // The float32 weights, in the order of Model::parameters().
  std::vector<at::Tensor> master_weights() const { return optimizer_.master_weights(); }

 private:
  StepReport collect(PhaseTimer& timer, const PhaseProgress& progress);
  Batch sample_next(std::int64_t prompts, StepReport& report, PhaseTimer& timer,
                    const PhaseProgress& progress);
  double learning_rate() const;

  const model::Model& model_;
  const model::Model* reference_;
  const Task& task_;
  TrainOptions options_;
  optim::AdamW optimizer_;
  data::PromptOrder order_;
  std::int64_t total_steps_;
  std::int64_t step_ = 0;
  std::int64_t cursor_ = 0;      // position in the prompt order
  std::int64_t updates_ = 0;     // optimiser updates so far
  std::int64_t num_tokens_ = 0;  // prompt and response tokens sampled so far
};

}  // namespace tempo::train
