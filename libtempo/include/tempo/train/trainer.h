// The training loop: roll out, reward, credit, loss, update.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/data/prompt_order.h"
#include "tempo/model/model.h"
#include "tempo/train/batch.h"
#include "tempo/train/checkpoint_state.h"
#include "tempo/train/metrics.h"
#include "tempo/train/options.h"
#include "tempo/train/phase_timer.h"
#include "tempo/train/sharded_adamw.h"
#include "tempo/train/stop.h"
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

// Trains a model in place, alone or as one of a group, whose ranks make the same calls and get the same
// reports, but for times. Not thread-safe; model, reference, task and group must outlive it.
class Trainer {
 public:
  // reference: the frozen model of the KL term, of the same vocabulary; null without one. group: null for a
  // process alone. Throws tempo::Error: options that do not validate, or that need a reference when there is
  // none; a prompt that does not fit the model (check_fit).
  Trainer(const model::Model& model, const model::Model* reference, const Task& task,
          const TrainOptions& options, dist::Group* group = nullptr);

  // One step. Throws Stopped when `stop` wants it before the updates begin; the trainer is then as it was
  // before the step. Throws tempo::Error when the sampler, a reward or an update does; the weights are then
  // those of the last whole update.
  StepReport step(const PhaseProgress& progress = {}, const StopRequest& stop = {});

  std::int64_t steps_done() const { return state_.step; }
  std::int64_t total_steps() const { return total_steps_; }

  // Where it is, and what it goes on from. The weights and the optimiser's state are the caller's to restore.
  const TrainerState& state() const { return state_; }
  void restore(const TrainerState& state) { state_ = state; }

  ShardedAdamW& optimizer() { return optimizer_; }

 private:
  StepReport collect(PhaseTimer& timer, const rollout::Progress& sampled);
  Batch sample_next(std::int64_t prompts, StepReport& report, PhaseTimer& timer,
                    const rollout::Progress& sampled);
  Batch sample_share(std::span<const std::int64_t> examples, std::int64_t first_prompt, PhaseTimer& timer,
                     const rollout::Progress& sampled) const;
  double learning_rate() const;

  const model::Model& model_;
  const model::Model* reference_;
  const Task& task_;
  TrainOptions options_;
  ShardedAdamW optimizer_;
  data::PromptOrder order_;
  std::int64_t total_steps_;
  TrainerState state_;
};

}  // namespace tempo::train
