// What a training run is: the loop's own settings, beside those that each layer owns.
#pragma once

#include <cstdint>

#include "tempo/credit/advantages.h"
#include "tempo/objective/loss.h"
#include "tempo/optim/adamw.h"
#include "tempo/optim/schedule.h"
#include "tempo/rollout/sampler.h"

namespace tempo::train {

struct LoopOptions {
  std::int64_t steps = 0;   // 0: `epochs` passes over the training data
  std::int64_t epochs = 1;  // used when steps is 0
  std::int32_t prompts_per_step = 8;
  std::int32_t responses_per_prompt = 8;
  std::int32_t mini_batch_prompts = 0;     // prompts of one optimiser update; 0: all of the step
  std::int32_t updates_per_batch = 1;      // passes over the batch of a step
  std::int64_t micro_batch_tokens = 4096;  // distinct tokens of a forward and backward pass; no group is cut
  bool activation_checkpointing = false;   // keep layers' inputs only: less memory, a third more arithmetic
  bool dynamic_sampling = false;  // DAPO: groups of equal rewards are replaced by fresh prompts' groups
  std::int32_t max_refills = 4;   // further rounds of sampling at most, for dynamic_sampling
  double max_grad_norm = 1.0;     // global-norm clipping; 0: off
  bool shuffle = true;            // a new order of the training data each epoch, by seed
  std::uint64_t seed = 0;

  // Throws tempo::Error naming the field.
  void validate() const;

  // Returns the number of steps for a training set of that many examples.
  std::int64_t total_steps(std::int64_t examples) const;

  // Returns the number of optimiser updates of one step.
  std::int64_t updates_per_step() const;
};

struct TrainOptions {
  LoopOptions loop{};
  rollout::SamplingOptions sampling{};
  credit::AdvantageOptions advantage{};
  objective::LossOptions loss{};
  optim::AdamWOptions optimizer{};
  optim::ScheduleOptions schedule{};

  // Validates every part.
  void validate() const;
};

}  // namespace tempo::train
