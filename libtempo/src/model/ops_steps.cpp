#include "ops_steps.h"

namespace tempo::model {
namespace {

bool has_kernels(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

}  // namespace

NormResult normalise(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, double eps) {
  return has_kernels(x) ? norm_by_kernels(x, delta, weight, eps) : norm_by_operators(x, delta, weight, eps);
}

NormGradients normalise_backward(const NormInputs& inputs, const at::Tensor& grad_sum,
                                 const at::Tensor& grad_normed) {
  return has_kernels(inputs.sum) ? norm_backward_by_kernels(inputs, grad_sum, grad_normed)
                                 : norm_backward_by_operators(inputs, grad_sum, grad_normed);
}

at::Tensor normalise_again(const NormInputs& inputs) {
  return has_kernels(inputs.sum) ? normed_by_kernels(inputs) : normed_by_operators(inputs);
}

at::Tensor gated(const at::Tensor& gate, const at::Tensor& up) {
  return has_kernels(gate) ? silu_mul_by_kernels(gate, up) : silu_mul_by_operators(gate, up);
}

SiluMulGradients gated_backward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& grad) {
  return has_kernels(gate) ? silu_mul_backward_by_kernels(gate, up, grad)
                           : silu_mul_backward_by_operators(gate, up, grad);
}

at::Tensor turned(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards) {
  return has_kernels(x_THE) ? rotate_by_kernels(x_THE, tables, forwards)
                            : rotate_by_operators(x_THE, tables, forwards);
}

void store_keys_values(const at::Tensor& key_TKE, const at::Tensor& value_TKE, const RotaryTables& tables,
                       const at::Tensor& slot_T, const at::Tensor& key_SKE, const at::Tensor& value_SKE) {
  if (has_kernels(key_TKE))
    return store_by_kernels({key_TKE, value_TKE}, tables, slot_T, {key_SKE, value_SKE});
  key_SKE.index_copy_(0, slot_T, rotate_by_operators(key_TKE, tables, true));
  value_SKE.index_copy_(0, slot_T, value_TKE);
}

}  // namespace tempo::model
