#include <vector>

#include "ops_paths.h"

namespace tempo::model {

NormResult norm_by_operators(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                             double eps) {
  const at::Tensor sum = delta.defined() ? x + delta : at::Tensor();
  const at::Tensor wide = (delta.defined() ? sum : x).to(at::kFloat);
  const at::Tensor inverse_rms = at::rsqrt(wide.square().mean(-1, true) + eps);
  return {sum, (wide * inverse_rms).to(x.scalar_type()) * weight, inverse_rms.squeeze(-1)};
}

NormGradients norm_backward_by_operators(const NormInputs& inputs, const at::Tensor& grad_sum,
                                         const at::Tensor& grad_normed) {
  const at::ScalarType dtype = inputs.sum.scalar_type();
  const at::Tensor scale = inputs.inverse_rms.unsqueeze(-1);
  const at::Tensor unit = inputs.sum.to(at::kFloat) * scale;
  const at::Tensor grad = grad_normed.to(at::kFloat);
  const at::Tensor grad_unit = grad * inputs.weight.to(at::kFloat);
  at::Tensor grad_x = scale * (grad_unit - unit * (grad_unit * unit).mean(-1, true));
  if (grad_sum.defined()) grad_x += grad_sum;
  const at::Tensor rounded_unit = unit.to(dtype).to(at::kFloat);
  const at::Tensor grad_weight = (grad * rounded_unit).reshape({-1, unit.size(-1)}).sum(0);
  return {grad_x.to(dtype), grad_weight.to(dtype)};
}

at::Tensor normed_by_operators(const NormInputs& inputs) {
  const at::Tensor unit = inputs.sum.to(at::kFloat) * inputs.inverse_rms.unsqueeze(-1);
  return unit.to(inputs.sum.scalar_type()) * inputs.weight;
}

at::Tensor silu_mul_by_operators(const at::Tensor& gate, const at::Tensor& up) { return at::silu(gate) * up; }

SiluMulGradients silu_mul_backward_by_operators(const at::Tensor& gate, const at::Tensor& up,
                                                const at::Tensor& grad) {
  return {at::silu_backward(grad * up, gate), grad * at::silu(gate)};
}

at::Tensor rotate_by_operators(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards) {
  const at::Tensor cos_T1F = tables.cos_TF.unsqueeze(1);
  const at::Tensor sin_T1F = (forwards ? tables.sin_TF : tables.sin_TF.neg()).unsqueeze(1);
  const std::vector<at::Tensor> halves = x_THE.to(at::kFloat).chunk(2, -1);
  const at::Tensor first = halves[0] * cos_T1F - halves[1] * sin_T1F;
  const at::Tensor second = halves[1] * cos_T1F + halves[0] * sin_T1F;
  return at::cat({first, second}, -1).to(x_THE.scalar_type());
}

}  // namespace tempo::model
