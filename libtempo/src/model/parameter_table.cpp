#include "parameter_table.h"

#include <array>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/model/parameter_count.h"

namespace tempo::model {
namespace {

constexpr std::string_view kLayerPrefix = "model.layers.";

// Modules of a layer, without ".weight" or ".bias": Hugging Face's name and GGUF's.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kLayerModules{{
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"},
    {"self_attn.k_norm", "attn_k_norm"},
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
    {"input_layernorm", "attn_norm"},
    {"post_attention_layernorm", "ffn_norm"},
}};

void add_layer(std::vector<ParameterSpec>& table, const ModelConfig& config, std::int64_t layer) {
  const auto add = [&](std::string_view part, std::vector<std::int64_t> shape) {
    table.push_back({layer_name(layer, part), std::move(shape)});
  };
  const std::int64_t width = config.hidden_size, inner = config.intermediate_size;
  const std::int64_t query_width = config.heads * config.head_dim;
  const std::int64_t kv_width = config.kv_heads * config.head_dim;
  const bool output_bias = config.qkv_bias && config.architecture != Architecture::kQwen2;
  add("self_attn.q_proj.weight", {query_width, width});
  if (config.qkv_bias) add("self_attn.q_proj.bias", {query_width});
  add("self_attn.k_proj.weight", {kv_width, width});
  if (config.qkv_bias) add("self_attn.k_proj.bias", {kv_width});
  add("self_attn.v_proj.weight", {kv_width, width});
  if (config.qkv_bias) add("self_attn.v_proj.bias", {kv_width});
  add("self_attn.o_proj.weight", {width, query_width});
  if (output_bias) add("self_attn.o_proj.bias", {width});
  if (config.qk_norm) add("self_attn.q_norm.weight", {config.head_dim});
  if (config.qk_norm) add("self_attn.k_norm.weight", {config.head_dim});
  add("mlp.gate_proj.weight", {inner, width});
  add("mlp.up_proj.weight", {inner, width});
  add("mlp.down_proj.weight", {width, inner});
  add("input_layernorm.weight", {width});
  add("post_attention_layernorm.weight", {width});
}

}  // namespace

std::string layer_name(std::int64_t layer, std::string_view part) {
  return core::concat(kLayerPrefix, layer, ".", part);
}

std::vector<ParameterSpec> parameter_table(const ModelConfig& config) {
  std::vector<ParameterSpec> table;
  table.push_back({std::string(kEmbeddingName), {config.vocab_size, config.hidden_size}});
  for (std::int64_t layer = 0; layer < config.layers; ++layer) add_layer(table, config, layer);
  table.push_back({std::string(kFinalNormName), {config.hidden_size}});
  if (!config.tie_embeddings) {
    table.push_back({std::string(kOutputName), {config.vocab_size, config.hidden_size}});
  }
  return table;
}

ParameterCount parameter_count(const ModelConfig& config) {
  ParameterCount count;
  for (const ParameterSpec& spec : parameter_table(config)) {
    const std::int64_t numbers =
        std::accumulate(spec.shape.begin(), spec.shape.end(), std::int64_t{1}, std::multiplies<>());
    count.all += numbers;
    const bool looked_up_only = spec.name == kEmbeddingName && !config.tie_embeddings;
    if (spec.shape.size() == 2 && !looked_up_only) count.multiplied += numbers;
  }
  return count;
}

std::string gguf_name(std::string_view name) {
  if (name == kEmbeddingName) return "token_embd.weight";
  if (name == kFinalNormName) return "output_norm.weight";
  if (name == kOutputName) return "output.weight";
  const std::size_t number_end = name.find('.', kLayerPrefix.size());
  const std::size_t kind_begin = name.rfind('.');
  TEMPO_CHECK(name.starts_with(kLayerPrefix) && number_end < kind_begin,
              "gguf_name: expected a parameter's name, got ", name);
  const std::string_view number = name.substr(kLayerPrefix.size(), number_end - kLayerPrefix.size());
  const std::string_view module = name.substr(number_end + 1, kind_begin - number_end - 1);
  for (const auto& [huggingface, gguf] : kLayerModules) {
    if (module == huggingface) return core::concat("blk.", number, ".", gguf, name.substr(kind_begin));
  }
  core::fail("gguf_name: expected a parameter's name, got ", name);
}

}  // namespace tempo::model
