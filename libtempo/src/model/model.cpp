#include "tempo/model/model.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <span>
#include <unordered_map>
#include <utility>

#include "ops.h"
#include "parameter_table.h"
#include "rotary.h"
#include "tempo/core/error.h"
#include "tempo/model/attention.h"

namespace tempo::model {

KvCache::KvCache(const ModelConfig& config, std::int64_t slot_count, at::ScalarType dtype, at::Device device)
    : slots(slot_count) {
  const at::TensorOptions options = at::TensorOptions().dtype(dtype).device(device);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    key_SKE.push_back(at::empty({slots, config.kv_heads, config.head_dim}, options));
    value_SKE.push_back(at::empty({slots, config.kv_heads, config.head_dim}, options));
  }
}

struct Model::Call {
  const SegmentPlan& plan;
  RotaryTables rotary;
  KvCache* cache;
  at::Tensor slot_T;  // where there is a cache
};

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
  for (std::int64_t index = 0; index < config.layers; ++index) {
    const auto find = [&](std::string_view part) {
      const auto found = by_name.find(layer_name(index, part));
      return found == by_name.end() ? at::Tensor() : found->second;
    };
    layers_.push_back({.input_norm = find("input_layernorm.weight"),
                       .query = find("self_attn.q_proj.weight"),
                       .query_bias = find("self_attn.q_proj.bias"),
                       .key = find("self_attn.k_proj.weight"),
                       .key_bias = find("self_attn.k_proj.bias"),
                       .value = find("self_attn.v_proj.weight"),
                       .value_bias = find("self_attn.v_proj.bias"),
                       .query_norm = find("self_attn.q_norm.weight"),
                       .key_norm = find("self_attn.k_norm.weight"),
                       .output = find("self_attn.o_proj.weight"),
                       .output_bias = find("self_attn.o_proj.bias"),
                       .mlp_norm = find("post_attention_layernorm.weight"),
                       .gate = find("mlp.gate_proj.weight"),
                       .up = find("mlp.up_proj.weight"),
                       .down = find("mlp.down_proj.weight")});
  }
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

at::Tensor Model::attention_block(std::size_t index, const at::Tensor& x_TD, const Call& call) const {
  const Layer& layer = layers_[index];
  const auto heads = [&](const at::Tensor& weight, const at::Tensor& bias) {
    return at::linear(x_TD, weight, bias).view({x_TD.size(0), -1, config_.head_dim});
  };
  at::Tensor query_THE = heads(layer.query, layer.query_bias);
  at::Tensor key_TKE = heads(layer.key, layer.key_bias);
  const at::Tensor value_TKE = heads(layer.value, layer.value_bias);
  if (config_.qk_norm) {
    query_THE = rms_norm(query_THE, layer.query_norm, config_.rms_eps);
    key_TKE = rms_norm(key_TKE, layer.key_norm, config_.rms_eps);
  }
  query_THE = rotate(query_THE, call.rotary);
  key_TKE = rotate(key_TKE, call.rotary);
  at::Tensor attended_THE;
  if (call.cache) {
    call.cache->key_SKE[index].index_copy_(0, call.slot_T, key_TKE);
    call.cache->value_SKE[index].index_copy_(0, call.slot_T, value_TKE);
    attended_THE =
        segment_attention(query_THE, call.cache->key_SKE[index], call.cache->value_SKE[index], call.plan);
  } else {
    attended_THE = segment_attention(query_THE, key_TKE, value_TKE, call.plan);
  }
  return at::linear(attended_THE.flatten(1), layer.output, layer.output_bias);
}

at::Tensor Model::hidden(const SegmentPlan& plan, KvCache* cache) const {
  check(plan, cache);
  const auto on_device = [&](const std::vector<std::int32_t>& values) {
    return at::tensor(values, at::kInt).to(device_, at::kLong);
  };
  const Call call{.plan = plan,
                  .rotary = rotary_tables(config_, plan.position, device_),
                  .cache = cache,
                  .slot_T = cache ? on_device(plan.slot) : at::Tensor()};
  at::Tensor x_TD = at::embedding(embedding_, on_device(plan.token));
  at::Tensor normed_TD = rms_norm(x_TD, layers_[0].input_norm, config_.rms_eps);
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    const Layer& layer = layers_[index];
    const at::Tensor attended_TD = attention_block(index, normed_TD, call);
    const ResidualNorm middle = add_rms_norm(x_TD, attended_TD, layer.mlp_norm, config_.rms_eps);
    const at::Tensor inner_TI =
        silu_mul(at::linear(middle.normed, layer.gate), at::linear(middle.normed, layer.up));
    const bool last = index + 1 == layers_.size();
    const at::Tensor& next_norm = last ? final_norm_ : layers_[index + 1].input_norm;
    const ResidualNorm end =
        add_rms_norm(middle.sum, at::linear(inner_TI, layer.down), next_norm, config_.rms_eps);
    x_TD = end.sum;
    normed_TD = end.normed;
  }
  return normed_TD;
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
