#include "ops.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops_steps.h"

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    const NormResult result = normalise(x, {}, weight, eps);
    context->save_for_backward({x, weight, result.inverse_rms});
    return result.normed;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const NormGradients out = normalise_backward({saved[0], saved[1], saved[2]}, {}, grads[0]);
    return {out.x, out.weight, at::Tensor()};
  }
};

class AddRmsNorm : public torch::autograd::Function<AddRmsNorm> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& delta,
                               const at::Tensor& weight, double eps) {
    const NormResult result = normalise(x, delta, weight, eps);
    context->save_for_backward({result.sum, weight, result.inverse_rms});
    context->set_materialize_grads(false);  // nobody reads the sum of the last layer
    return {result.sum, result.normed};
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    if (!grads[1].defined()) return {grads[0], grads[0], at::Tensor(), at::Tensor()};
    const variable_list saved = context->get_saved_variables();
    const NormGradients out = normalise_backward({saved[0], saved[1], saved[2]}, grads[0], grads[1]);
    return {out.x, out.x, out.weight, at::Tensor()};
  }
};

class SiluMul : public torch::autograd::Function<SiluMul> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& up) {
    context->save_for_backward({gate, up});
    return gated(gate, up);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const SiluMulGradients out = gated_backward(saved[0], saved[1], grads[0]);
    return {out.gate, out.up};
  }
};

class Rotate : public torch::autograd::Function<Rotate> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x_THE, const RotaryTables& tables) {
    context->save_for_backward({tables.cos_TF, tables.sin_TF});
    return turned(x_THE, tables, true);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    return {turned(grads[0], {saved[0], saved[1]}, false), at::Tensor()};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (!at::GradMode::is_enabled()) return normalise(x, {}, weight, eps).normed;
  return RmsNorm::apply(x, weight, eps);
}

ResidualNorm add_rms_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                          double eps) {
  const variable_list outputs = AddRmsNorm::apply(x, delta, weight, eps);
  return {.sum = outputs[0], .normed = outputs[1]};
}

at::Tensor silu_mul(const at::Tensor& gate, const at::Tensor& up) { return SiluMul::apply(gate, up); }

at::Tensor rotate(const at::Tensor& x_THE, const RotaryTables& tables) {
  if (!at::GradMode::is_enabled()) return turned(x_THE, tables, true);
  return Rotate::apply(x_THE, tables);
}

}  // namespace tempo::model
