#include "linear.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstddef>
#include <initializer_list>
#include <utility>

#include "ops_steps.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Packed = std::span<const PackedMatrix>;

std::vector<PackedMatrix> pack(const std::vector<at::Tensor>& weights, PackMemory* memory) {
  std::vector<PackedMatrix> out;
  for (const at::Tensor& weight : weights) out.push_back(PackedMatrix::of_weight(weight, memory));
  return out;
}

std::vector<PackedMatrix> packed_or_now(Packed packed, const std::vector<at::Tensor>& weights) {
  if (!packed.empty()) return {packed.begin(), packed.end()};
  return pack(weights, nullptr);
}

// Returns the outputs of all layers without a graph.
std::vector<at::Tensor> products(const at::Tensor& x_TI, const LinearGroup& group, Packed packed) {
  return packed.empty() ? multiply_each(x_TI, pack(group.weights, nullptr), group.biases)
                        : multiply_each(x_TI, packed, group.biases);
}

// Where the tensors of a call stand: inputs and norm weight first, then the weights, then the biases that are
// defined (autograd takes no others).
struct Layout : torch::CustomClassHolder {
  Layout(const LinearGroup& group, bool has_norm_in, bool has_delta_in)
      : has_norm(has_norm_in), has_delta(has_delta_in), layers(group.weights.size()) {
    for (const at::Tensor& bias : group.biases) has_bias.push_back(bias.defined());
  }

  std::size_t first_weight() const { return 1 + (has_delta ? 1 : 0) + (has_norm ? 1 : 0); }
  std::vector<at::Tensor> weights(at::TensorList tensors) const {
    return tensors.slice(first_weight(), layers).vec();
  }
  std::vector<at::Tensor> biases(at::TensorList tensors) const {
    std::vector<at::Tensor> out;
    std::size_t next = first_weight() + layers;
    for (const bool has : has_bias) out.push_back(has ? tensors[next++] : at::Tensor());
    return out;
  }

  bool has_norm, has_delta;
  std::size_t layers;
  std::vector<bool> has_bias;
};
using LayoutPointer = c10::intrusive_ptr<Layout>;

variable_list tensors_of(std::initializer_list<at::Tensor> inputs, const LinearGroup& group) {
  variable_list tensors;
  for (const at::Tensor& input : inputs)
    if (input.defined()) tensors.push_back(input);
  tensors.insert(tensors.end(), group.weights.begin(), group.weights.end());
  for (const at::Tensor& bias : group.biases)
    if (bias.defined()) tensors.push_back(bias);
  return tensors;
}

void keep(AutogradContext* context, variable_list saved, const LayoutPointer& layout) {
  context->save_for_backward(std::move(saved));
  context->set_materialize_grads(false);
  context->saved_data["layout"] = c10::IValue::make_capsule(layout);
}

void check_first_derivative(const char* function) {
  TEMPO_CHECK(!at::GradMode::is_enabled(), function, ": expected first derivatives only, got create_graph");
}

// Gradients of the outputs, each defined.
std::vector<at::Tensor> defined_gradients(const variable_list& grads, std::size_t first,
                                          std::span<const at::Tensor> weights, const at::Tensor& x_TI) {
  std::vector<at::Tensor> out(grads.begin() + static_cast<std::ptrdiff_t>(first), grads.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].defined()) out[i] = at::zeros({x_TI.size(0), weights[i].size(0)}, x_TI.options());
  }
  return out;
}

at::Tensor input_gradient(const std::vector<at::Tensor>& grads, std::span<const at::Tensor> weights) {
  std::vector<PackedMatrix> packed;
  for (const at::Tensor& weight : weights) packed.push_back(PackedMatrix::of_matrix(weight));
  return multiply_sum(grads, packed);
}

// Appends the gradients of the weights, then of the biases, then two for what is no tensor: layout and
// packed.
void append_parameter_gradients(const std::vector<at::Tensor>& grads, const at::Tensor& x_TI,
                                const Layout& layout, variable_list& result) {
  for (at::Tensor& grad : transposed_products(grads, x_TI)) result.push_back(std::move(grad));
  for (std::size_t i = 0; i < grads.size(); ++i)
    if (layout.has_bias[i]) result.push_back(grads[i].sum(0));
  result.resize(result.size() + 2);
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static variable_list forward(AutogradContext* context, at::TensorList tensors, const LayoutPointer& layout,
                               Packed packed) {
    const std::vector<at::Tensor> weights = layout->weights(tensors);
    variable_list saved{tensors[0]};
    saved.insert(saved.end(), weights.begin(), weights.end());
    keep(context, std::move(saved), layout);
    return multiply_each(tensors[0], packed_or_now(packed, weights), layout->biases(tensors));
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads_in) {
    check_first_derivative("linear");
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["layout"].toCapsule();
    const std::span<const at::Tensor> weights = std::span(saved).subspan(1);
    const auto grads = defined_gradients(grads_in, 0, weights, saved[0]);
    variable_list result(1);
    if (context->needs_input_grad(0)) result[0] = input_gradient(grads, weights);
    append_parameter_gradients(grads, saved[0], static_cast<const Layout&>(*capsule), result);
    return result;
  }
};

class NormLinearFunction : public torch::autograd::Function<NormLinearFunction> {
 public:
  static variable_list forward(AutogradContext* context, at::TensorList tensors, const LayoutPointer& layout,
                               Packed packed, double eps) {
    const at::Tensor &x_TI = tensors[0], &norm_weight = tensors[layout->has_delta ? 2 : 1];
    NormResult norm = normalise(x_TI, layout->has_delta ? tensors[1] : at::Tensor(), norm_weight, eps);
    const std::vector<at::Tensor> weights = layout->weights(tensors);
    variable_list saved{layout->has_delta ? norm.sum : x_TI, norm_weight, norm.inverse_rms}, out;
    saved.insert(saved.end(), weights.begin(), weights.end());
    keep(context, std::move(saved), layout);
    if (layout->has_delta) out.push_back(norm.sum);
    for (at::Tensor& y : multiply_each(norm.normed, packed_or_now(packed, weights), layout->biases(tensors)))
      out.push_back(std::move(y));
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads_in) {
    check_first_derivative("norm_linear");
    const variable_list saved = context->get_saved_variables();
    const auto capsule = context->saved_data["layout"].toCapsule();
    const auto& layout = static_cast<const Layout&>(*capsule);
    const std::span<const at::Tensor> weights = std::span(saved).subspan(3);
    const NormInputs inputs{saved[0], saved[1], saved[2]};
    const auto grads = defined_gradients(grads_in, layout.has_delta ? 1 : 0, weights, saved[0]);
    const at::Tensor grad_sum = layout.has_delta ? grads_in[0] : at::Tensor();
    const NormGradients norm = normalise_backward(inputs, grad_sum, input_gradient(grads, weights));
    variable_list result(layout.first_weight(), norm.x);
    result.back() = norm.weight;
    append_parameter_gradients(grads, normalise_again(inputs), layout, result);
    result.emplace_back();  // eps
    return result;
  }
};

class SwigluLinearFunction : public torch::autograd::Function<SwigluLinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate_TI, const at::Tensor& up_TI,
                            const at::Tensor& weight, Packed packed) {
    context->save_for_backward({gate_TI, up_TI, weight});
    return multiply_each(gated(gate_TI, up_TI), packed_or_now(packed, {weight})).front();
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    check_first_derivative("swiglu_linear");
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &gate_TI = saved[0], &up_TI = saved[1], &weight = saved[2];
    const at::Tensor d_weight = transposed_products(grads, gated(gate_TI, up_TI)).front();
    const SiluMulGradients d_inner =
        gated_backward(gate_TI, up_TI, input_gradient(grads, std::span(&weight, 1)));
    return {d_inner.gate, d_inner.up, d_weight, at::Tensor()};
  }
};

}  // namespace

std::vector<PackedMatrix> LinearGroup::packed(PackMemory* memory) const { return pack(weights, memory); }

// Where gradients are off, as in sampling, the products are called as they are: making ready for autograd
// costs as much as a small product.
std::vector<at::Tensor> linear(const at::Tensor& x_TI, const LinearGroup& group, Packed packed) {
  if (!at::GradMode::is_enabled()) return products(x_TI, group, packed);
  const variable_list tensors = tensors_of({x_TI}, group);
  return LinearFunction::apply(at::TensorList(tensors), c10::make_intrusive<Layout>(group, false, false),
                               packed);
}

NormLinear norm_linear(const at::Tensor& x_TI, const at::Tensor& delta_TI, const at::Tensor& norm_weight,
                       double eps, const LinearGroup& group, Packed packed) {
  const bool has_delta = delta_TI.defined();
  if (!at::GradMode::is_enabled()) {
    const NormResult norm = normalise(x_TI, delta_TI, norm_weight, eps);
    return {has_delta ? norm.sum : x_TI, products(norm.normed, group, packed)};
  }
  const variable_list tensors = tensors_of({x_TI, delta_TI, norm_weight}, group);
  variable_list out = NormLinearFunction::apply(
      at::TensorList(tensors), c10::make_intrusive<Layout>(group, true, has_delta), packed, eps);
  if (!has_delta) return {x_TI, std::move(out)};
  const at::Tensor sum = out.front();
  out.erase(out.begin());
  return {sum, std::move(out)};
}

at::Tensor swiglu_linear(const at::Tensor& gate_TI, const at::Tensor& up_TI, const LinearGroup& group,
                         Packed packed) {
  if (!at::GradMode::is_enabled()) return products(gated(gate_TI, up_TI), group, packed).front();
  return SwigluLinearFunction::apply(gate_TI, up_TI, group.weights.front(), packed);
}

}  // namespace tempo::model
