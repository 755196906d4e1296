#include "tempo/model/model.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "embedding.h"
#include "model_parts.h"
#include "ops.h"
#include "ops_steps.h"
#include "pack_memory.h"
#include "parameter_table.h"
#include "tempo/core/error.h"

namespace tempo::model {

KvCache::KvCache(const ModelConfig& config, std::int64_t slot_count, at::ScalarType dtype, at::Device device)
    : slots(slot_count) {
  const at::TensorOptions options = at::TensorOptions().dtype(dtype).device(device);
  const std::array<std::int64_t, 3> sizes{slots, config.kv_heads, config.head_dim};
  const std::int64_t bytes = PackMemory::used_by(sizes[0] * sizes[1] * sizes[2] *
                                                 static_cast<std::int64_t>(c10::elementSize(dtype)));
  std::optional<PackMemory> memory;  // rows of one head stand apart: small pages would have to be looked up
  if (device.is_cpu()) memory.emplace(2 * config.layers * bytes);
  const auto make = [&] { return memory ? memory->take(sizes, options) : at::empty(sizes, options); };
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    key_SKE.push_back(make());
    value_SKE.push_back(make());
  }
}

Model::Model(const ModelConfig& config, at::ScalarType dtype, at::Device device)
    : config_(config), dtype_(dtype), device_(device) {
  config.validate();
  const at::TensorOptions options = at::TensorOptions().dtype(dtype).device(device);
  std::unordered_map<std::string, at::Tensor> by_name;
  for (const ParameterSpec& spec : parameter_table(config)) {
    const at::Tensor tensor = at::empty(spec.shape, options).requires_grad_(true);
    parameters_.push_back({spec.name, tensor});
    by_name.emplace(spec.name, tensor);
  }
  std::vector<Layer> layers;
  for (std::int64_t index = 0; index < config.layers; ++index) {
    const auto find = [&](std::string_view part) {
      const auto found = by_name.find(layer_name(index, part));
      return found == by_name.end() ? at::Tensor() : found->second;
    };
    const auto group = [&](std::initializer_list<const char*> modules) {
      LinearGroup out;
      for (const std::string module : modules) {
        out.weights.push_back(find(module + ".weight"));
        out.biases.push_back(find(module + ".bias"));
      }
      return out;
    };
    layers.push_back({.input_norm = find("input_layernorm.weight"),
                      .query_norm = find("self_attn.q_norm.weight"),
                      .key_norm = find("self_attn.k_norm.weight"),
                      .mlp_norm = find("post_attention_layernorm.weight"),
                      .qkv = group({"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}),
                      .output = group({"self_attn.o_proj"}),
                      .gate_up = group({"mlp.gate_proj", "mlp.up_proj"}),
                      .down = group({"mlp.down_proj"})});
  }
  layers_ = std::make_shared<const std::vector<Layer>>(std::move(layers));
  embedding_ = by_name.at(std::string(kEmbeddingName));
  final_norm_ = by_name.at(std::string(kFinalNormName));
  output_weight_ = config.tie_embeddings ? embedding_ : by_name.at(std::string(kOutputName));
}

void Model::check(const SegmentPlan& plan, const KvCache* cache) const {
  const std::size_t tokens = plan.token.size();
  TEMPO_CHECK(plan.position.size() == tokens && plan.slot.size() == tokens, "Model::hidden: expected ",
              tokens, " positions and slots, got ", plan.position.size(), " and ", plan.slot.size());
  TEMPO_CHECK(!cache || !at::GradMode::is_enabled(),
              "Model::hidden: expected gradients to be off with a cache, got on");
  const std::int64_t slots = cache ? cache->slots : static_cast<std::int64_t>(tokens);
  for (std::size_t t = 0; t < tokens; ++t) {
    TEMPO_CHECK(plan.token[t] >= 0 && plan.token[t] < config_.vocab_size,
                "Model::hidden: expected a token below ", config_.vocab_size, ", got ", plan.token[t]);
    TEMPO_CHECK(plan.position[t] >= 0, "Model::hidden: expected a position of 0 or more, got ",
                plan.position[t]);
    const std::int64_t slot = plan.slot[t];
    TEMPO_CHECK(cache ? slot >= 0 && slot < slots : slot == static_cast<std::int64_t>(t),
                "Model::hidden: expected ", cache ? "a slot below " : "the token's index of ", slots,
                " as its slot, got ", slot);
  }
}

PackedWeights Model::pack() const {
  const at::NoGradGuard no_grad;
  std::int64_t bytes = PackedMatrix::bytes_of_weight(output_weight_);
  for (const Layer& layer : *layers_) {
    for (const LinearGroup* group : {&layer.qkv, &layer.output, &layer.gate_up, &layer.down})
      for (const at::Tensor& weight : group->weights) bytes += PackedMatrix::bytes_of_weight(weight);
  }
  PackMemory memory(bytes);
  PackedWeights packed;
  for (const Layer& layer : *layers_) {
    packed.layers.push_back({layer.qkv.packed(&memory), layer.output.packed(&memory),
                             layer.gate_up.packed(&memory), layer.down.packed(&memory)});
  }
  packed.output = PackedMatrix::of_weight(output_weight_, &memory);
  return packed;
}

// qkv: the products of the layer's query, key and value weights. Returns the heads' outputs [T, H E].
at::Tensor Model::attend(std::size_t index, std::vector<at::Tensor> qkv, const Call& call) const {
  const Layer& layer = (*layers_)[index];
  for (at::Tensor& part : qkv) part = part.view({part.size(0), -1, config_.head_dim});
  if (config_.qk_norm) {
    qkv[0] = rms_norm(qkv[0], layer.query_norm, config_.rms_eps);
    qkv[1] = rms_norm(qkv[1], layer.key_norm, config_.rms_eps);
  }
  const at::Tensor query_THE = rotate(qkv[0], call.rotary);
  if (!call.cache)
    return segment_attention(query_THE, rotate(qkv[1], call.rotary), qkv[2], call.plan).flatten(1);
  const at::Tensor &key_SKE = call.cache->key_SKE[index], &value_SKE = call.cache->value_SKE[index];
  store_keys_values(qkv[1], qkv[2], call.rotary, call.slot_T, key_SKE, value_SKE);
  return segment_attention(query_THE, key_SKE, value_SKE, call.plan).flatten(1);
}

Model::Call Model::make_call(const SegmentPlan& plan, KvCache* cache) const {
  check(plan, cache);
  const auto on_device = [&](const std::vector<std::int32_t>& values) {
    return at::tensor(values, at::kInt).to(device_, at::kLong);
  };
  const at::TensorOptions heads = at::TensorOptions().dtype(dtype_).device(device_);
  return {.plan = plan_attention(plan, cache ? cache->slots : plan.tokens(), heads, config_.head_dim),
          .rotary = rotary_tables(config_, plan.position, device_),
          .token_T = on_device(plan.token),
          .cache = cache,
          .slot_T = cache ? on_device(plan.slot) : at::Tensor()};
}

Model::State Model::embed(const Call& call) const {
  return {.x_TD = token_embedding(embedding_, call.token_T), .delta_TD = {}};
}

Model::State Model::run_layer(std::size_t index, const State& state, const Call& call,
                              const PackedWeights::Layer& packed) const {
  const Layer& layer = (*layers_)[index];
  NormLinear qkv =
      norm_linear(state.x_TD, state.delta_TD, layer.input_norm, config_.rms_eps, layer.qkv, packed.qkv);
  const at::Tensor attended_TH = attend(index, std::move(qkv.outputs), call);
  const at::Tensor attention_TD = linear(attended_TH, layer.output, packed.output).front();
  const NormLinear mlp =
      norm_linear(qkv.sum_TI, attention_TD, layer.mlp_norm, config_.rms_eps, layer.gate_up, packed.gate_up);
  return {.x_TD = mlp.sum_TI,
          .delta_TD = swiglu_linear(mlp.outputs[0], mlp.outputs[1], layer.down, packed.down)};
}

at::Tensor Model::normed(const State& state) const {
  return add_rms_norm(state.x_TD, state.delta_TD, final_norm_, config_.rms_eps).normed;
}

at::Tensor Model::hidden(const SegmentPlan& plan, KvCache* cache, const PackedWeights* packed) const {
  const Call call = make_call(plan, cache);
  State state = embed(call);
  for (std::size_t index = 0; index < layers_->size(); ++index)
    state = run_layer(index, state, call, packed ? packed->layers[index] : PackedWeights::Layer());
  return normed(state);
}

std::vector<at::Tensor> parameter_tensors(const Model& model) {
  std::vector<at::Tensor> tensors;
  for (const Parameter& parameter : model.parameters()) tensors.push_back(parameter.tensor);
  return tensors;
}

void initialise(Model& model, std::uint64_t seed) {
  constexpr double kStandardDeviation = 0.02;
  const at::NoGradGuard no_grad;
  // Drawn on the CPU in float32, so that a seed gives the same weights on every device.
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  for (const Parameter& parameter : model.parameters()) {
    at::Tensor tensor = parameter.tensor;
    if (parameter.name.ends_with(".bias")) {
      tensor.zero_();
    } else if (tensor.dim() == 1) {
      tensor.fill_(1);
    } else {
      tensor.copy_(at::normal(0.0, kStandardDeviation, tensor.sizes(), generator, at::kFloat));
    }
  }
}

}  // namespace tempo::model
