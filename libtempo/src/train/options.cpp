#include "tempo/train/options.h"

#include <cmath>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

void LoopOptions::validate() const {
  TEMPO_CHECK(steps >= 0, "steps: expected 0 or more, got ", steps);
  TEMPO_CHECK(steps > 0 || epochs > 0, "epochs: expected 1 or more when steps is 0, got ", epochs);
  TEMPO_CHECK(prompts_per_step > 0, "prompts_per_step: expected 1 or more, got ", prompts_per_step);
  TEMPO_CHECK(responses_per_prompt > 0, "responses_per_prompt: expected 1 or more, got ",
              responses_per_prompt);
  TEMPO_CHECK(mini_batch_prompts >= 0 && mini_batch_prompts <= prompts_per_step,
              "mini_batch_prompts: expected 0 to prompts_per_step (", prompts_per_step, "), got ",
              mini_batch_prompts);
  TEMPO_CHECK(updates_per_batch > 0, "updates_per_batch: expected 1 or more, got ", updates_per_batch);
  TEMPO_CHECK(micro_batch_tokens > 0, "micro_batch_tokens: expected 1 or more, got ", micro_batch_tokens);
  TEMPO_CHECK(max_refills >= 0, "max_refills: expected 0 or more, got ", max_refills);
  TEMPO_CHECK(max_grad_norm >= 0 && std::isfinite(max_grad_norm), "max_grad_norm: expected 0 or more, got ",
              max_grad_norm);
}

std::int64_t LoopOptions::total_steps(std::int64_t examples) const {
  return steps > 0 ? steps : divide_up(epochs * examples, prompts_per_step);
}

std::int64_t LoopOptions::updates_per_step() const {
  const std::int64_t mini = mini_batch_prompts > 0 ? mini_batch_prompts : prompts_per_step;
  return divide_up(prompts_per_step, mini) * updates_per_batch;
}

void TrainOptions::validate() const {
  loop.validate();
  sampling.validate();
  advantage.validate();
  loss.validate();
  optimizer.validate();
  schedule.validate();
  TEMPO_CHECK(sampling.temperature > 0, "sampling.temperature: expected more than 0 for training, got ",
              sampling.temperature);
}

}  // namespace tempo::train
