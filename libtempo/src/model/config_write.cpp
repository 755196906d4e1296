#include "config_write.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "config_source.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

using Json = nlohmann::ordered_json;

Json rope_parameters(const ModelConfig& config) {
  if (!config.rope_scaling) return {{"rope_type", "default"}};
  const Llama3Scaling& scaling = *config.rope_scaling;
  return {{"rope_type", "llama3"},
          {"factor", scaling.factor},
          {"low_freq_factor", scaling.low_freq_factor},
          {"high_freq_factor", scaling.high_freq_factor},
          {"original_max_position_embeddings", static_cast<std::int64_t>(scaling.original_max_positions)}};
}

Json special_tokens(const ModelConfig& config) {
  Json json = Json::object();
  if (config.bos_token_id) json["bos_token_id"] = *config.bos_token_id;
  if (config.eos_token_ids.size() == 1) json["eos_token_id"] = config.eos_token_ids[0];
  if (config.eos_token_ids.size() > 1) json["eos_token_id"] = config.eos_token_ids;
  return json;
}

}  // namespace

std::string huggingface_config(const ModelConfig& config, at::ScalarType dtype) {
  const ArchitectureName& name = kArchitectures.at(static_cast<std::size_t>(config.architecture));
  // transformers 4 reads rope_theta and rope_scaling, transformers 5 rope_parameters.
  Json rope = rope_parameters(config);
  const Json rope_scaling = config.rope_scaling ? rope : Json(nullptr);
  rope["rope_theta"] = config.rope_theta;
  Json json = {
      {"architectures", {name.class_name}},
      {"model_type", name.model_type},
      {"vocab_size", config.vocab_size},
      {"hidden_size", config.hidden_size},
      {"intermediate_size", config.intermediate_size},
      {"num_hidden_layers", config.layers},
      {"num_attention_heads", config.heads},
      {"num_key_value_heads", config.kv_heads},
      {"head_dim", config.head_dim},
      {"hidden_act", "silu"},
      {"max_position_embeddings", config.max_positions},
      {"rms_norm_eps", config.rms_eps},
      {"rope_theta", config.rope_theta},
      {"rope_scaling", rope_scaling},
      {"rope_parameters", rope},
      {"attention_bias", config.qkv_bias},
      {"attention_dropout", 0.0},
      {"tie_word_embeddings", config.tie_embeddings},
      {"use_cache", true},
      {"torch_dtype", dtype_name(dtype)},
  };
  json.update(special_tokens(config));
  return json.dump(2) + "\n";
}

std::string huggingface_generation_config(const ModelConfig& config) {
  return special_tokens(config).dump(2) + "\n";
}

std::string dtype_name(at::ScalarType dtype) {
  if (dtype == at::kFloat) return "float32";
  if (dtype == at::kBFloat16) return "bfloat16";
  if (dtype == at::kHalf) return "float16";
  core::fail("dtype: expected float32, bfloat16 or float16, got ", at::toString(dtype));
}

}  // namespace tempo::model
