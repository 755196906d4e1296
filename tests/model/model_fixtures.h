// Models of the model tests: the golden ones, and random ones whose every parameter matters.
#pragma once

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tempo/model/model.h"

namespace tempo::testing {

inline std::filesystem::path model_golden(const std::string& name) {
  return std::filesystem::path(TEMPO_GOLDEN_DIR) / "model" / name;
}

// A small model with every option: grouped heads, biases, norms of q and k, scaled rotary angles.
inline model::ModelConfig small_config() {
  return {.architecture = model::Architecture::kQwen3,
          .vocab_size = 50,
          .hidden_size = 32,
          .intermediate_size = 40,
          .layers = 2,
          .heads = 4,
          .kv_heads = 2,
          .head_dim = 12,
          .max_positions = 256,
          .rope_theta = 1000,
          .rope_scaling = model::Llama3Scaling{.original_max_positions = 64},
          .tie_embeddings = true,
          .qkv_bias = true,
          .qk_norm = true,
          .bos_token_id = 1,
          .eos_token_ids = {2, 3}};
}

// Draws from N(0, 1) by seed.
inline at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed) {
  return at::normal(0, 1, shape, at::detail::createCPUGenerator(seed), at::kFloat);
}

// Returns a model with weights large enough that every term shows in the hidden states.
inline model::Model random_model(const model::ModelConfig& config, std::uint64_t seed,
                                 at::ScalarType dtype = at::kFloat) {
  model::Model model(config, dtype, at::kCPU);
  const at::NoGradGuard no_grad;
  for (const model::Parameter& parameter : model.parameters()) {
    at::Tensor tensor = parameter.tensor;
    const at::Tensor noise = random_tensor(tensor.sizes(), seed++);
    const bool norm = parameter.name.find("norm") != std::string::npos;
    const double scale = tensor.dim() == 2 ? 1.5 / std::sqrt(static_cast<double>(tensor.size(1))) : 0.3;
    tensor.copy_(noise * scale + (norm ? 1 : 0));
  }
  return model;
}

inline at::Tensor logits(const model::Model& model, const at::Tensor& hidden_TD) {
  return at::linear(hidden_TD, model.output_weight());
}

// Returns the gradient of a scalar in every parameter, in their order.
inline std::vector<at::Tensor> gradients(const model::Model& model, const at::Tensor& loss) {
  return torch::autograd::grad({loss}, parameter_tensors(model));
}

// Returns the largest difference in units of the largest expected value.
inline double relative_error(const at::Tensor& got, const at::Tensor& expected) {
  const at::Tensor difference = (got.detach() - expected.detach()).to(at::kDouble).abs();
  return difference.max().item<double>() / expected.detach().to(at::kDouble).abs().max().item<double>();
}

// Bound of relative_error between two float32 computations of a two-layer model that sum in another order.
// A sum of n = 40 terms is off by about sqrt(n) 2^-24 = 4e-7 of its terms' size; some 20 such sums lie one
// after another between a token and a logit or a gradient: 8e-6 if all errors pointed the same way.
inline constexpr double kFloatTolerance = 1e-5;

}  // namespace tempo::testing
