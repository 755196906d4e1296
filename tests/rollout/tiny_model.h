// Models of a few thousand parameters, and what the sampler's tests ask of a rollout.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <vector>

#include "tempo/model/model.h"
#include "tempo/rollout/sampler.h"

namespace tempo::test {

using Tokens = std::vector<std::int32_t>;

// Returns a model on the CPU with its output weights multiplied by `sharpness`: at 20 the
// distributions hold a few likely tokens, at 200 nearly one.
inline model::Model tiny_model(model::Architecture architecture, std::uint64_t seed, double sharpness,
                               at::ScalarType dtype = at::kFloat) {
  model::ModelConfig config;
  config.architecture = architecture;
  config.vocab_size = 61;
  config.hidden_size = 32;
  config.intermediate_size = 48;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 8;
  config.max_positions = 64;
  config.qk_norm = architecture == model::Architecture::kQwen3;
  model::Model model(config, dtype, at::kCPU);
  model::initialise(model, seed);
  const at::NoGradGuard no_gradients;
  // Weights of 0.02 would leave the residual stream to the embedding alone: the next token would depend on
  // the last one only.
  for (const auto& parameter : model.parameters())
    if (parameter.tensor.dim() == 2) at::Tensor(parameter.tensor).mul_(10);
  at::Tensor(model.output_weight()).mul_(sharpness / 10);
  return model;
}

// Keeps the calls in its scope on a number of threads: on models this small two threads mostly wait for each
// other.
class ThreadsInScope {
 public:
  explicit ThreadsInScope(int threads) : before_(at::get_num_threads()) { at::set_num_threads(threads); }
  ~ThreadsInScope() { at::set_num_threads(before_); }
  ThreadsInScope(const ThreadsInScope&) = delete;
  ThreadsInScope& operator=(const ThreadsInScope&) = delete;

 private:
  int before_;
};

inline std::vector<Tokens> tiny_prompts() {
  return {{1, 2, 3}, {4}, {5, 6, 7, 8, 9, 10, 11}, {1, 2, 4}, {60, 0}};
}

// Returns every response's tokens, in order.
inline std::vector<Tokens> all_responses(const rollout::Rollout& rollout) {
  std::vector<Tokens> responses;
  for (std::int32_t r = 0; r < rollout.forest.responses(); ++r)
    responses.push_back(tree::response_tokens(rollout.forest, r));
  return responses;
}

}  // namespace tempo::test
