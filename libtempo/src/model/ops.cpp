#include "ops.h"

#include <torch/csrc/autograd/custom_function.h>

#include "ops_paths.h"

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernels(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

NormResult normalise(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight, double eps) {
  return has_kernels(x) ? norm_by_kernels(x, delta, weight, eps) : norm_by_operators(x, delta, weight, eps);
}

NormGradients normalise_backward(const NormInputs& inputs, const at::Tensor& grad_sum,
                                 const at::Tensor& grad_normed) {
  return has_kernels(inputs.sum) ? norm_backward_by_kernels(inputs, grad_sum, grad_normed)
                                 : norm_backward_by_operators(inputs, grad_sum, grad_normed);
}

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
    return has_kernels(gate) ? silu_mul_by_kernels(gate, up) : silu_mul_by_operators(gate, up);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    const auto backward_of =
        has_kernels(saved[0]) ? silu_mul_backward_by_kernels : silu_mul_backward_by_operators;
    const SiluMulGradients out = backward_of(saved[0], saved[1], grads[0]);
    return {out.gate, out.up};
  }
};

class Rotate : public torch::autograd::Function<Rotate> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x_THE, const RotaryTables& tables) {
    context->save_for_backward({tables.cos_TF, tables.sin_TF});
    return turn(x_THE, tables, true);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const variable_list saved = context->get_saved_variables();
    return {turn(grads[0], {saved[0], saved[1]}, false), at::Tensor()};
  }

 private:
  static at::Tensor turn(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards) {
    return has_kernels(x_THE) ? rotate_by_kernels(x_THE, tables, forwards)
                              : rotate_by_operators(x_THE, tables, forwards);
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return RmsNorm::apply(x, weight, eps);
}

ResidualNorm add_rms_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                          double eps) {
  const variable_list outputs = AddRmsNorm::apply(x, delta, weight, eps);
  return {.sum = outputs[0], .normed = outputs[1]};
}

at::Tensor silu_mul(const at::Tensor& gate, const at::Tensor& up) { return SiluMul::apply(gate, up); }

at::Tensor rotate(const at::Tensor& x_THE, const RotaryTables& tables) {
  return Rotate::apply(x_THE, tables);
}

}  // namespace tempo::model
