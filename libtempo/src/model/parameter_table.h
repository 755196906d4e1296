// The one place that knows a model's parameters: their Hugging Face names, shapes and names in GGUF files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/model/config.h"

namespace tempo::model {

struct ParameterSpec {
  std::string name;                 // Hugging Face's
  std::vector<std::int64_t> shape;  // row-major, a linear's weight [out, in]
};

// Returns the parameters in the order of a Hugging Face checkpoint; no output weight when it is tied.
std::vector<ParameterSpec> parameter_table(const ModelConfig& config);

// Returns the name that a GGUF file uses: blk.3.attn_q.weight for model.layers.3.self_attn.q_proj.weight.
// Requires: a name of parameter_table. Throws tempo::Error otherwise.
std::string gguf_name(std::string_view name);

// Name of the k-th layer's parameter: layer_name(3, "self_attn.q_proj.weight").
std::string layer_name(std::int64_t layer, std::string_view part);

inline constexpr std::string_view kEmbeddingName = "model.embed_tokens.weight";
inline constexpr std::string_view kFinalNormName = "model.norm.weight";
inline constexpr std::string_view kOutputName = "lm_head.weight";

}  // namespace tempo::model
