#include "ops.h"

namespace tempo::model {

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor normalised = wide * at::rsqrt(wide.square().mean(-1, true) + eps);
  return normalised.to(x.scalar_type()) * weight;
}

ResidualNorm add_rms_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                          double eps) {
  const at::Tensor sum = x + delta;
  return {.sum = sum, .normed = rms_norm(sum, weight, eps)};
}

at::Tensor silu_mul(const at::Tensor& gate, const at::Tensor& up) { return at::silu(gate) * up; }

at::Tensor rotate(const at::Tensor& x_THE, const RotaryTables& tables) {
  const at::Tensor cos_T1F = tables.cos_TF.unsqueeze(1), sin_T1F = tables.sin_TF.unsqueeze(1);
  const std::vector<at::Tensor> halves = x_THE.to(at::kFloat).chunk(2, -1);
  const at::Tensor first = halves[0] * cos_T1F - halves[1] * sin_T1F;
  const at::Tensor second = halves[1] * cos_T1F + halves[0] * sin_T1F;
  return at::cat({first, second}, -1).to(x_THE.scalar_type());
}

}  // namespace tempo::model
