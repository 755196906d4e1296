// The element-wise steps without gradients: own CPU kernels where they apply, ATen operators elsewhere.
#pragma once

#include "ops_paths.h"

namespace tempo::model {

NormResult normalise(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, double eps);
NormGradients normalise_backward(const NormInputs& inputs, const at::Tensor& grad_sum,
                                 const at::Tensor& grad_normed);

// Returns NormResult::normed again, bit for bit, from what a backward pass keeps.
at::Tensor normalise_again(const NormInputs& inputs);

// silu(gate) * up.
at::Tensor gated(const at::Tensor& gate, const at::Tensor& up);
SiluMulGradients gated_backward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& grad);

at::Tensor turned(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards);

// Writes the keys, turned by their tokens' angles, and the values to rows slot_T of the caches [S, K, E].
void store_keys_values(const at::Tensor& key_TKE, const at::Tensor& value_TKE, const RotaryTables& tables,
                       const at::Tensor& slot_T, const at::Tensor& key_SKE, const at::Tensor& value_SKE);

}  // namespace tempo::model
