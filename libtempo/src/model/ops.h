// The element-wise steps of a transformer layer. Each works on every device and keeps x's dtype; sums and
// functions are computed in float32.
#pragma once

#include <ATen/ATen.h>

#include "rotary.h"

namespace tempo::model {

// Returns x / sqrt(mean(x^2) + eps) * weight over the last dimension. As in transformers, the normalised
// value is rounded to x's dtype before the product with the weight.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

struct ResidualNorm {
  at::Tensor sum;     // x + delta
  at::Tensor normed;  // rms_norm(sum)
};
ResidualNorm add_rms_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, double eps);

// Returns silu(gate) * up.
at::Tensor silu_mul(const at::Tensor& gate, const at::Tensor& up);

// Returns the heads x_THE turned by their tokens' angles, dimension e paired with e + E / 2.
at::Tensor rotate(const at::Tensor& x_THE, const RotaryTables& tables);

}  // namespace tempo::model
