#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config_source.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::model {
namespace {

using Json = nlohmann::ordered_json;

// A value in an error of one line.
std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  return value.is_array() ? "a list" : value.dump();
}

bool is_integer(const Json& value, std::int64_t low, std::int64_t high) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(high);
  return value.is_number_integer() && value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high;
}

// A JSON object of a file, whose values are asked for by type. An absent key and null are the same.
class Section {
 public:
  Section(std::string where, Json object) : where_(std::move(where)), object_(std::move(object)) {
    TEMPO_CHECK(object_.is_object(), where_, ": expected an object, got ", shown(object_));
  }

  const std::string& where() const { return where_; }
  const Json& value(const char* key) const {
    static const Json null;
    const auto found = object_.find(key);
    return found == object_.end() ? null : *found;
  }
  bool has(const char* key) const { return !value(key).is_null(); }
  Section section(const char* key) const { return {core::concat(where_, ": ", key), value(key)}; }

  std::int64_t integer(const char* key) const {
    using Limits = std::numeric_limits<std::int64_t>;
    check(is_integer(value(key), Limits::min(), Limits::max()), key, "an integer");
    return value(key).get<std::int64_t>();
  }
  std::int64_t integer(const char* key, std::int64_t fallback) const {
    return has(key) ? integer(key) : fallback;
  }
  double number(const char* key) const {
    check(value(key).is_number(), key, "a number");
    return value(key).get<double>();
  }
  double number(const char* key, double fallback) const { return has(key) ? number(key) : fallback; }
  bool boolean(const char* key, bool fallback) const {
    if (!has(key)) return fallback;
    check(value(key).is_boolean(), key, "true or false");
    return value(key).get<bool>();
  }
  std::string string(const char* key) const {
    check(value(key).is_string(), key, "a string");
    return value(key).get<std::string>();
  }

  void check(bool good, const char* key, std::string_view expected) const {
    TEMPO_CHECK(good, where_, ": ", key, ": expected ", expected, ", got ",
                has(key) ? shown(value(key)) : "nothing");
  }

 private:
  std::string where_;
  Json object_;
};

Section read_json(const std::filesystem::path& path) {
  constexpr int kDeepest = 64;  // copying a value takes a call for each level
  const auto check_depth = [&](int depth, Json::parse_event_t, const Json&) {
    TEMPO_CHECK(depth <= kDeepest, path.string(), ": expected values nested at most ", kDeepest,
                " times, got more");
    return true;
  };
  try {
    return {path.string(), Json::parse(io::read_text(path), check_depth)};
  } catch (const Json::parse_error& error) {
    core::fail(path.string(), ": expected JSON, got a syntax error at byte ", error.byte);
  } catch (const Json::out_of_range&) {
    core::fail(path.string(), ": expected JSON, got a number that is too large");
  }
}

Architecture read_architecture(const Section& json) {
  const std::string model_type = json.string("model_type");
  for (const ArchitectureName& known : kArchitectures) {
    if (model_type == known.model_type) return known.architecture;
  }
  core::fail(json.where(), ": model_type: expected llama, qwen2 or qwen3, got ",
             shown(json.value("model_type")));
}

// Variants of the architectures that the forward pass does not compute.
void refuse_variants(const Section& json) {
  json.check(!json.has("hidden_act") || json.value("hidden_act") == "silu", "hidden_act", "\"silu\"");
  json.check(!json.boolean("mlp_bias", false), "mlp_bias", "false");
  json.check(!json.boolean("use_sliding_window", false), "use_sliding_window", "false");
  json.check(!json.has("quantization_config"), "quantization_config", "unquantised weights");
  json.check(json.number("partial_rotary_factor", 1) == 1, "partial_rotary_factor", "1");
  for (const Json& type : json.value("layer_types")) {
    json.check(type == "full_attention", "layer_types", "\"full_attention\" for every layer");
  }
}

// Reads one of rope_parameters (transformers 5, with rope_theta inside) and rope_scaling (transformers 4).
void read_rope_section(const Section& rope, ModelConfig& config) {
  config.rope_theta = rope.number("rope_theta", config.rope_theta);
  rope.check(rope.number("partial_rotary_factor", 1) == 1, "partial_rotary_factor", "1");
  const char* type_key = rope.has("rope_type") ? "rope_type" : "type";
  if (!rope.has(type_key) || rope.value(type_key) == "default") return;
  rope.check(rope.value(type_key) == "llama3", type_key, "\"default\" or \"llama3\"");
  config.rope_scaling = {.factor = rope.number("factor"),
                         .low_freq_factor = rope.number("low_freq_factor"),
                         .high_freq_factor = rope.number("high_freq_factor"),
                         .original_max_positions = rope.number("original_max_position_embeddings")};
}

std::vector<std::int32_t> read_ids(const Section& json, const char* key) {
  const Json& value = json.value(key);
  std::vector<std::int32_t> ids;
  for (const Json& id : value.is_array() ? value : Json::array({value})) {
    json.check(is_integer(id, 0, std::numeric_limits<std::int32_t>::max()), key,
               "a token id or a list of them");
    ids.push_back(id.get<std::int32_t>());
  }
  json.check(!ids.empty(), key, "a token id or a list of them");
  return ids;
}

void read_special_tokens(const Section& json, ModelConfig& config) {
  if (json.has("bos_token_id")) config.bos_token_id = read_ids(json, "bos_token_id").front();
  if (json.has("eos_token_id")) config.eos_token_ids = read_ids(json, "eos_token_id");
}

}  // namespace

ModelConfig read_huggingface_config(const std::filesystem::path& folder) {
  const Section json = read_json(folder / "config.json");
  ModelConfig config;
  config.architecture = read_architecture(json);
  refuse_variants(json);
  config.vocab_size = json.integer("vocab_size");
  config.hidden_size = json.integer("hidden_size");
  config.intermediate_size = json.integer("intermediate_size");
  config.layers = json.integer("num_hidden_layers");
  config.heads = json.integer("num_attention_heads");
  json.check(config.heads > 0, "num_attention_heads", "a positive number");
  config.kv_heads = json.integer("num_key_value_heads", config.heads);
  // transformers' own value where the key is absent.
  const std::int64_t default_head_dim =
      config.architecture == Architecture::kQwen3 ? 128 : config.hidden_size / config.heads;
  config.head_dim = json.integer("head_dim", default_head_dim);
  config.max_positions = json.integer("max_position_embeddings");
  config.rms_eps = json.number("rms_norm_eps");
  config.rope_theta = json.number("rope_theta", config.rope_theta);
  if (json.has("rope_scaling")) read_rope_section(json.section("rope_scaling"), config);
  if (json.has("rope_parameters")) read_rope_section(json.section("rope_parameters"), config);
  config.tie_embeddings = json.boolean("tie_word_embeddings", false);
  config.qkv_bias = config.architecture == Architecture::kQwen2 || json.boolean("attention_bias", false);
  config.qk_norm = config.architecture == Architecture::kQwen3;
  read_special_tokens(json, config);
  const std::filesystem::path generation = folder / "generation_config.json";
  if (std::filesystem::exists(generation)) read_special_tokens(read_json(generation), config);
  return config;
}

}  // namespace tempo::model
