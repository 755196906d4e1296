#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "config_source.h"
#include "rotary.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

// Metadata of one architecture: keys are "<architecture>.<key>".
class Keys {
 public:
  Keys(const io::Gguf& gguf, std::string architecture)
      : gguf_(gguf), prefix_(std::move(architecture) + ".") {}

  std::int64_t integer(const char* key) const { return gguf_.integer(prefix_ + key); }
  std::int64_t integer(const char* key, std::int64_t fallback) const {
    return gguf_.integer(prefix_ + key, fallback);
  }
  std::string string(const char* key, const char* fallback) const {
    return gguf_.string(prefix_ + key, fallback);
  }

  // Floats are stored as float32: the shortest decimal gives 1e-5, not 9.99999974737875e-06.
  double number(const char* key, double fallback) const {
    const float value = static_cast<float>(gguf_.number(prefix_ + key, fallback));
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    double shortest = value;
    if (error == std::errc()) std::from_chars(text, end, shortest);
    return shortest;
  }

  void check(bool good, const char* key, const std::string& expected, const auto& got) const {
    TEMPO_CHECK(good, gguf_.location(), ": ", prefix_, key, ": expected ", expected, ", got ", got);
  }

 private:
  const io::Gguf& gguf_;
  std::string prefix_;
};

Architecture read_architecture(const io::Gguf& gguf) {
  const std::string name = gguf.string("general.architecture");
  if (name == "llama") return Architecture::kLlama;
  if (name == "qwen2") return Architecture::kQwen2;
  if (name == "qwen3") return Architecture::kQwen3;
  core::fail(gguf.location(), ": general.architecture: expected llama, qwen2 or qwen3, got ", name);
}

// The scaling of Llama 3 is stored as its result: what each frequency is divided by.
void read_rope_factors(const io::Gguf& gguf, ModelConfig& config) {
  constexpr const char* kName = "rope_freqs.weight";
  if (!gguf.contains(kName)) return;
  const std::vector<std::int64_t> shape = gguf.shape(kName);
  TEMPO_CHECK(shape == std::vector<std::int64_t>{config.head_dim / 2}, gguf.location(), ": ", kName,
              ": expected ", config.head_dim / 2, " values, got another shape");
  std::vector<float> divisors(static_cast<std::size_t>(shape[0]));
  gguf.read(kName, divisors);
  ModelConfig plain = config;
  config.rope_scaling = Llama3Scaling{.factor = *std::max_element(divisors.begin(), divisors.end())};
  const std::vector<float> expected = inverse_frequencies(config), unscaled = inverse_frequencies(plain);
  for (std::size_t i = 0; i < divisors.size(); ++i) {
    const float divisor = unscaled[i] / expected[i];
    TEMPO_CHECK(std::abs(divisors[i] - divisor) <= 1e-4F * divisor, gguf.location(), ": ", kName,
                ": expected the rotary scaling of Llama 3, ", divisor, " at ", i, ", got ", divisors[i]);
  }
}

void read_special_tokens(const io::Gguf& gguf, ModelConfig& config) {
  const auto id = [&](const char* key) { return static_cast<std::int32_t>(gguf.integer(key)); };
  if (gguf.has("tokenizer.ggml.bos_token_id")) config.bos_token_id = id("tokenizer.ggml.bos_token_id");
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    if (!gguf.has(key)) continue;
    const auto& ids = config.eos_token_ids;
    if (std::find(ids.begin(), ids.end(), id(key)) == ids.end()) config.eos_token_ids.push_back(id(key));
  }
}

}  // namespace

ModelConfig read_gguf_config(const io::Gguf& gguf) {
  ModelConfig config;
  config.architecture = read_architecture(gguf);
  const Keys keys(gguf, gguf.string("general.architecture"));
  config.hidden_size = keys.integer("embedding_length");
  config.intermediate_size = keys.integer("feed_forward_length");
  config.layers = keys.integer("block_count");
  config.heads = keys.integer("attention.head_count");
  keys.check(config.heads > 0, "attention.head_count", "a positive number", config.heads);
  config.kv_heads = keys.integer("attention.head_count_kv", config.heads);
  config.head_dim = keys.integer("attention.key_length", config.hidden_size / config.heads);
  config.max_positions = keys.integer("context_length");
  config.rms_eps = keys.number("attention.layer_norm_rms_epsilon", config.rms_eps);
  config.rope_theta = keys.number("rope.freq_base", config.rope_theta);
  const std::int64_t value_length = keys.integer("attention.value_length", config.head_dim);
  keys.check(value_length == config.head_dim, "attention.value_length", std::to_string(config.head_dim),
             value_length);
  const std::int64_t rotated = keys.integer("rope.dimension_count", config.head_dim);
  keys.check(rotated == config.head_dim, "rope.dimension_count", std::to_string(config.head_dim), rotated);
  const std::string scaling = keys.string("rope.scaling.type", "none");
  keys.check(scaling == "none", "rope.scaling.type", "none", scaling);
  read_rope_factors(gguf, config);
  config.vocab_size = gguf.shape("token_embd.weight").at(0);
  config.tie_embeddings = !gguf.contains("output.weight");
  config.qkv_bias = gguf.contains("blk.0.attn_q.bias");
  config.qk_norm = gguf.contains("blk.0.attn_q_norm.weight");
  read_special_tokens(gguf, config);
  return config;
}

}  // namespace tempo::model
