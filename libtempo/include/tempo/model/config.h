// Shape and constants of a decoder-only transformer: Llama, Qwen2 and Qwen3 differ in these fields only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tempo::model {

enum class Architecture { kLlama, kQwen2, kQwen3 };

// Rotary scaling of Llama 3: low frequencies divided by `factor`, a smooth ramp between.
struct Llama3Scaling {
  double factor = 8.0;
  double low_freq_factor = 1.0;
  double high_freq_factor = 4.0;
  double original_max_positions = 8192.0;
};

struct ModelConfig {
  Architecture architecture = Architecture::kLlama;
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t max_positions = 0;
  double rms_eps = 1e-5;
  double rope_theta = 10000.0;
  std::optional<Llama3Scaling> rope_scaling;
  bool tie_embeddings = false;
  bool qkv_bias = false;  // Qwen2, or Llama with attention_bias
  bool qk_norm = false;   // Qwen3
  std::optional<std::int32_t> bos_token_id;
  std::vector<std::int32_t> eos_token_ids;

  // Throws tempo::Error naming the field that makes no sense.
  void validate() const;
};

// Reads the shape of a model: a Hugging Face folder (config.json, generation_config.json) or a GGUF file.
// Throws tempo::Error: a missing key, an unknown architecture, a kind of rotary scaling that is not known.
ModelConfig read_config(const std::filesystem::path& path);

}  // namespace tempo::model
