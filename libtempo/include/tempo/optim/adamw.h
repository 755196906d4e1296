// AdamW with float32 master weights for parameters of any floating dtype.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::optim {

struct AdamWOptions {
  double learning_rate = 1e-6;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  // decoupled; on every parameter, as torch.optim.AdamW

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Equal to torch.optim.AdamW on float32 parameters. Source: Loshchilov & Hutter, arXiv:1711.05101.
class AdamW {
 public:
  // Keeps the parameters; makes a float32 master copy of those in another dtype.
  AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options);

  // One update from the parameters' gradients at the given learning rate; an undefined gradient counts as
  // absent. gradient_scale multiplies every gradient first (global-norm clipping without a pass of its own).
  void step(double learning_rate, double gradient_scale = 1.0);

  // Drops the gradients.
  void zero_grad();

  std::int64_t steps() const { return steps_; }
  // Float32 values of the parameters, in order: the parameters themselves where they are float32.
  const std::vector<at::Tensor>& master_weights() const { return master_; }

 private:
  AdamWOptions options_;
  std::vector<at::Tensor> parameters_, master_, moment1_, moment2_;
  std::int64_t steps_ = 0;
};

// Returns the Euclidean norm of all gradients together, accumulated in double. Not finite if any is not.
double gradient_norm(std::span<const at::Tensor> parameters);

// Returns the factor that brings a norm down to max_norm: min(1, max_norm / (norm + 1e-6)); 1 when max_norm
// is 0 (off).
double clip_scale(double norm, double max_norm);

}  // namespace tempo::optim
