// AdamW with float32 master weights for parameters of any floating dtype, and the gradients' norm.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::optim {

struct AdamWOptions {
  double learning_rate = 1e-6;  // the peak, for whoever makes the schedule; step() takes its own
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  // decoupled; on every parameter, as torch.optim.AdamW

  // Throws tempo::Error naming the field.
  void validate() const;
};

// What an optimiser keeps from update to update, of each parameter.
struct AdamWState {
  std::vector<at::Tensor> master;  // of float32: the parameter; of float16: float32; of bfloat16: int16, what
                                   // it lacks of its float32 weight
  std::vector<at::Tensor> moment1, moment2;  // float32
  std::vector<std::int64_t> updates;         // that the parameter took part in
  std::int64_t steps = 0;
};

// Equal to torch.optim.AdamW on float32 parameters. Source: Loshchilov & Hutter, arXiv:1711.05101. An
// element's update depends on it alone: parts of a parameter, as views of its memory, are updated as the
// whole is. On a CPU a step is one pass over memory, and gives the same bits with any number of threads.
class AdamW {
 public:
  // Keeps the parameters (contiguous; float32, bfloat16 or float16) and, for those that are not float32,
  // float32 master weights: of bfloat16 the 16 bits that the parameter lacks, so that both together take four
  // bytes. Throws tempo::Error otherwise.
  AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options);

  // One update from the parameters' gradients, of their dtype or float32, at the given learning rate; a
  // parameter whose gradient is undefined stays as it is, and its bias correction counts only the updates
  // that it took part in. gradient_scale multiplies every gradient first (global-norm clipping without a pass
  // of its own).
  void step(double learning_rate, double gradient_scale = 1.0);
  // The same with gradients given one a parameter, of its shape; undefined: none.
  void step(std::span<const at::Tensor> gradients, double learning_rate, double gradient_scale = 1.0);

  // Drops the gradients.
  void zero_grad();

  std::int64_t steps() const { return state_.steps; }
  // The tensors share the optimiser's memory.
  const AdamWState& state() const { return state_; }
  // Goes on from a copy of that state; together with the parameters' values of then, as if never interrupted.
  // Throws tempo::Error when shapes, dtypes or counts are not those of the parameters.
  void restore(const AdamWState& state);
  // Float32 values of the parameters, in order: the parameters themselves where they are float32, made for
  // the call where they are bfloat16. Rounded to the parameter's dtype they are the parameter.
  std::vector<at::Tensor> master_weights() const;

 private:
  AdamWOptions options_;
  std::vector<at::Tensor> parameters_;
  AdamWState state_;
};

// Returns the Euclidean norm of all gradients together, accumulated in double in a fixed order. Not finite if
// any element is not. Undefined gradients count as zero.
double gradient_norm(std::span<const at::Tensor> parameters);

// Returns the sum of the squares of all elements of the tensors, accumulated and treated likewise.
double squared_norm(std::span<const at::Tensor> tensors);

// Returns the factor that brings a norm down to max_norm: min(1, max_norm / (norm + 1e-6)); 1 when max_norm
// is 0 (off). Throws tempo::Error when the norm is not finite, or max_norm negative or not a number.
double clip_scale(double norm, double max_norm);

}  // namespace tempo::optim
