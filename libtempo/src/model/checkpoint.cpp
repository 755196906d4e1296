// Activation checkpointing by layer: the forward pass keeps a layer's inputs, the backward pass runs it
// again.
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>
#include <utility>
#include <vector>

#include "model_parts.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The inputs without their history, ready to be differentiated by.
variable_list as_leaves(at::TensorList inputs) {
  variable_list leaves;
  for (const at::Tensor& input : inputs)
    leaves.push_back(input.detach().requires_grad_(input.requires_grad()));
  return leaves;
}

}  // namespace

struct Model::CheckpointedLayer : public torch::autograd::Function<CheckpointedLayer> {
  // The model by value: copies share parameters, and the backward pass may outlive the caller's.
  struct Layer : torch::CustomClassHolder {
    Layer(Model model_in, std::size_t index_in, std::shared_ptr<const Call> call_in)
        : model(std::move(model_in)), index(index_in), call(std::move(call_in)) {}

    variable_list run(const variable_list& inputs) const {
      const State out = model.run_layer(index, {inputs[0], inputs.size() > 1 ? inputs[1] : at::Tensor()},
                                        *call, PackedWeights::Layer());
      return {out.x_TD, out.delta_TD};
    }
    std::vector<at::Tensor> parameters() const { return model.layer_parameters(index); }

    Model model;
    std::size_t index;
    std::shared_ptr<const Call> call;
  };

  // tensors: the state's, then the layer's parameters, which the graph must know.
  static variable_list forward(AutogradContext* context, at::TensorList tensors,
                               const c10::intrusive_ptr<Layer>& layer, std::int64_t state_size) {
    const variable_list inputs = tensors.slice(0, static_cast<std::size_t>(state_size)).vec();
    context->save_for_backward(inputs);
    context->saved_data["layer"] = c10::IValue::make_capsule(layer);
    context->set_materialize_grads(false);
    return layer->run(inputs);
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    TEMPO_CHECK(!at::GradMode::is_enabled(),
                "Model::hidden: expected first derivatives only, got create_graph");
    const auto capsule = context->saved_data["layer"].toCapsule();
    const auto& layer = static_cast<const Layer&>(*capsule);
    const at::AutoGradMode with_gradients(true);
    variable_list by = as_leaves(context->get_saved_variables());
    variable_list outputs, output_grads;
    const variable_list all = layer.run(by);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!grads[i].defined()) continue;
      outputs.push_back(all[i]);
      output_grads.push_back(grads[i]);
    }
    for (const at::Tensor& parameter : layer.parameters()) by.push_back(parameter);
    variable_list result =
        torch::autograd::grad(outputs, by, output_grads, false, false, /*allow_unused=*/true);
    result.resize(result.size() + 2);  // layer, state_size
    return result;
  }
};

std::vector<at::Tensor> Model::layer_parameters(std::size_t index) const {
  const Layer& layer = (*layers_)[index];
  std::vector<at::Tensor> all{layer.input_norm, layer.query_norm, layer.key_norm, layer.mlp_norm};
  for (const LinearGroup* group : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down}) {
    all.insert(all.end(), group->weights.begin(), group->weights.end());
    all.insert(all.end(), group->biases.begin(), group->biases.end());
  }
  std::erase_if(all, [](const at::Tensor& tensor) { return !tensor.defined(); });
  return all;
}

at::Tensor Model::hidden(const SegmentPlan& plan, Keep keep) const {
  if (keep == Keep::kActivations || !at::GradMode::is_enabled()) return hidden(plan);
  const auto call = std::make_shared<const Call>(make_call(plan, nullptr));
  State state = embed(*call);
  for (std::size_t index = 0; index < layers_->size(); ++index) {
    variable_list tensors = layer_parameters(index);
    tensors.insert(tensors.begin(), state.x_TD);
    const std::int64_t state_size = state.delta_TD.defined() ? 2 : 1;
    if (state_size == 2) tensors.insert(tensors.begin() + 1, state.delta_TD);
    const auto layer = c10::make_intrusive<CheckpointedLayer::Layer>(*this, index, call);
    const variable_list out = CheckpointedLayer::apply(at::TensorList(tensors), layer, state_size);
    state = {out[0], out[1]};
  }
  return normed(state);
}

}  // namespace tempo::model
