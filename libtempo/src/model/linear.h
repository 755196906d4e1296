// The linear layers of a transformer, with what stands before them: layers that share an input run as one
// product, and what a backward pass can compute again from less is not kept. Shapes: T tokens, I inputs.
#pragma once

#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "tempo/model/products.h"

namespace tempo::model {

// Layers y_i = x weight_i^T + bias_i of one input.
struct LinearGroup {
  std::vector<at::Tensor> weights;  // [O_i, I]
  std::vector<at::Tensor> biases;   // each [O_i] or undefined

  std::vector<PackedMatrix> packed(PackMemory* memory = nullptr) const;
};

// All of them differentiable. `packed`: the group's, or empty: packed now.
std::vector<at::Tensor> linear(const at::Tensor& x_TI, const LinearGroup& group,
                               std::span<const PackedMatrix> packed = {});

// y_i of rms_norm(x + delta), whose rows are not kept. delta: undefined for none, then sum is x.
struct NormLinear {
  at::Tensor sum_TI;
  std::vector<at::Tensor> outputs;
};
NormLinear norm_linear(const at::Tensor& x_TI, const at::Tensor& delta_TI, const at::Tensor& norm_weight,
                       double eps, const LinearGroup& group, std::span<const PackedMatrix> packed = {});

// y of silu(gate) * up, which is not kept. The group has one layer without a bias.
at::Tensor swiglu_linear(const at::Tensor& gate_TI, const at::Tensor& up_TI, const LinearGroup& group,
                         std::span<const PackedMatrix> packed = {});

}  // namespace tempo::model
