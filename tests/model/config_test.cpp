#include "tempo/model/config.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "io/scratch.h"
#include "model/model_fixtures.h"
#include "tempo/io/file.h"
#include "tempo/model/parameter_count.h"

using namespace tempo::model;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

using Ids = std::vector<std::int32_t>;

// As transformers 4 writes it.
const std::string kVersion4 = R"({
  "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": 100,
  "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
  "num_key_value_heads": 2, "max_position_embeddings": 512, "rms_norm_eps": 1e-05, "rope_theta": 5000.0,
  "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                   "original_max_position_embeddings": 256, "rope_type": "llama3"},
  "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"
})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("read_config: the forms of transformers 4 and 5", "[model]") {
  const Scratch scratch;
  scratch.write("config.json", kVersion4);
  const ModelConfig old_form = read_config(scratch.folder());
  CHECK(old_form.architecture == Architecture::kLlama);
  CHECK(old_form.head_dim == 8);
  CHECK(old_form.rope_theta == 5000);
  CHECK(old_form.rope_scaling.value().factor == 32);
  CHECK(old_form.rope_scaling.value().original_max_positions == 256);
  CHECK(old_form.tie_embeddings);
  CHECK(old_form.bos_token_id == 1);

  const ModelConfig new_form = read_config(model_golden("llama3_bias"));
  CHECK(new_form.rope_theta == 500);
  CHECK(new_form.rope_scaling.value().factor == 8);
  CHECK(new_form.rope_scaling.value().original_max_positions == 32);
  CHECK(new_form.qkv_bias);
  CHECK(new_form.eos_token_ids == Ids{2, 3});
}

TEST_CASE("read_config: what the architecture implies", "[model]") {
  const ModelConfig qwen2 = read_config(model_golden("qwen2")), qwen3 = read_config(model_golden("qwen3"));
  CHECK(qwen2.architecture == Architecture::kQwen2);
  CHECK(qwen2.qkv_bias);
  CHECK_FALSE(qwen2.qk_norm);
  CHECK(qwen3.architecture == Architecture::kQwen3);
  CHECK_FALSE(qwen3.qkv_bias);
  CHECK(qwen3.qk_norm);
  CHECK(qwen3.head_dim == 12);
  CHECK(qwen3.rms_eps == 1e-6);
}

TEST_CASE("read_config: generation_config.json decides what ends a response", "[model]") {
  const Scratch scratch;
  scratch.write("config.json", kVersion4);
  CHECK(read_config(scratch.folder()).eos_token_ids == Ids{2});
  scratch.write("generation_config.json", R"({"eos_token_id": [7, 2]})");
  CHECK(read_config(scratch.folder()).eos_token_ids == Ids{7, 2});
  scratch.write("generation_config.json", R"({"do_sample": true, "eos_token_id": null})");
  CHECK(read_config(scratch.folder()).eos_token_ids == Ids{2});
}

TEST_CASE("read_config: GGUF", "[model]") {
  const ModelConfig llama = read_config(model_golden("llama3_bias.gguf")),
                    same = read_config(model_golden("llama3_bias"));
  CHECK(llama.vocab_size == same.vocab_size);
  CHECK(llama.hidden_size == same.hidden_size);
  CHECK(llama.intermediate_size == same.intermediate_size);
  CHECK(llama.layers == same.layers);
  CHECK(llama.heads == same.heads);
  CHECK(llama.kv_heads == same.kv_heads);
  CHECK(llama.head_dim == same.head_dim);
  CHECK(llama.max_positions == same.max_positions);
  CHECK(llama.rms_eps == 1e-6);
  CHECK(llama.rope_theta == 500'000);
  CHECK(llama.qkv_bias);
  CHECK_FALSE(llama.tie_embeddings);
  CHECK(llama.eos_token_ids == Ids{2});
  // From rope_freqs.weight.
  CHECK(llama.rope_scaling.value().factor == 32);
  CHECK(read_config(model_golden("qwen3.gguf")).qk_norm);
  CHECK_FALSE(read_config(model_golden("qwen3.gguf")).rope_scaling);
}

TEST_CASE("read_config: a bad config.json names file, key, expected and got", "[model]") {
  struct Bad {
    std::string from, to, error;
  };
  const Bad bad = GENERATE(values<Bad>({
      {R"("vocab_size": 100,)", "", "vocab_size: expected an integer, got nothing"},
      {R"("hidden_size": 32)", R"("hidden_size": "32")", R"(hidden_size: expected an integer, got "32")"},
      {R"("llama")", R"("gemma")", R"(model_type: expected llama, qwen2 or qwen3, got "gemma")"},
      {R"("silu")", R"("gelu")", R"(hidden_act: expected "silu", got "gelu")"},
      {R"("rope_type": "llama3")", R"("rope_type": "yarn")",
       R"(rope_scaling: rope_type: expected "default" or "llama3", got "yarn")"},
      {R"("rope_type": "llama3")", R"("type": "linear")",
       R"(rope_scaling: type: expected "default" or "llama3", got "linear")"},
      {R"("low_freq_factor": 1.0)", R"("low_freq_factor": 4.0)",
       "expected more than low_freq_factor 4, got 4"},
      {R"("num_attention_heads": 4)", R"("num_attention_heads": 0)",
       "num_attention_heads: expected a positive number, got 0"},
      {R"("num_key_value_heads": 2)", R"("num_key_value_heads": 3)",
       "kv_heads: expected a divisor of 4 heads, got 3"},
      {R"("eos_token_id": 2)", R"("eos_token_id": 100)", "eos_token_id: expected an id below 100, got 100"},
      {R"("eos_token_id": 2)", R"("eos_token_id": "</s>")", "eos_token_id: expected a token id"},
      {R"("tie_word_embeddings": true)", R"("use_sliding_window": true)",
       "use_sliding_window: expected false"},
      {R"("eos_token_id": 2)", R"("eos_token_id": 4294967298)", "eos_token_id: expected a token id"},
      {R"("bos_token_id": 1)", R"("bos_token_id": [])",
       "bos_token_id: expected a token id or a list of them"},
      {R"("vocab_size": 100)", R"("vocab_size": 18446744073709551615)", "vocab_size: expected an integer"},
      {R"("vocab_size": 100)", R"("vocab_size": 1e999)", "expected JSON, got a number that is too large"},
      {R"("silu")", std::string(100, '[') + std::string(100, ']'), "nested at most 64 times, got more"},
      {R"("tie_word_embeddings": true)", R"("mlp_bias": true)", "mlp_bias: expected false"},
      {R"("tie_word_embeddings": true)", R"("quantization_config": {})",
       "expected unquantised weights, got an object"},
      {R"("hidden_size")", R"(hidden_size)", "expected JSON, got a syntax error at byte"},
  }));
  const Scratch scratch;
  scratch.write("config.json", replaced(kVersion4, bad.from, bad.to));
  const std::string error = error_of([&] { read_config(scratch.folder()); });
  CHECK_THAT(error, ContainsSubstring(scratch.folder().string()) && ContainsSubstring(bad.error));
  CHECK(error.find('\n') == std::string::npos);
}

TEST_CASE("read_config: nothing to read is an error with the path", "[model]") {
  const Scratch scratch;
  const std::string missing = (scratch.folder() / "missing").string();
  CHECK(error_of([&] { read_config(missing); }) ==
        missing + ": expected a Hugging Face folder or a GGUF file, found nothing");
  CHECK_THAT(error_of([&] { read_config(scratch.folder()); }), ContainsSubstring("config.json"));
}

TEST_CASE("read_config: a GGUF file of an unknown architecture or scaling is refused", "[model]") {
  const Scratch scratch;
  const std::string bytes = tempo::io::read_text(model_golden("llama3_bias.gguf"));
  const auto gemma = scratch.write("gemma.gguf", replaced(bytes, "llama", "gemma"));
  CHECK_THAT(
      error_of([&] { read_config(gemma); }),
      ContainsSubstring("gemma.gguf: general.architecture: expected llama, qwen2 or qwen3, got gemma"));
  const float theta = 500'000, other = 600'000;
  const auto scaled =
      scratch.write("scaled.gguf", replaced(bytes, std::string(reinterpret_cast<const char*>(&theta), 4),
                                            std::string(reinterpret_cast<const char*>(&other), 4)));
  CHECK_THAT(error_of([&] { read_config(scaled); }),
             ContainsSubstring("rope_freqs.weight: expected the rotary scaling of Llama 3"));
}

TEST_CASE("parameter_count: numbers of the model's tensors, and of its matrices", "[model]") {
  ModelConfig config = small_config();
  config.tie_embeddings = GENERATE(false, true);
  std::int64_t all = 0, matrices = 0;
  const Model model(config, at::kFloat, at::kCPU);
  for (const Parameter& parameter : model.parameters()) {
    all += parameter.tensor.numel();
    matrices += parameter.tensor.dim() == 2 ? parameter.tensor.numel() : 0;
  }
  CHECK(parameter_count(config).all == all);
  const std::int64_t looked_up = config.tie_embeddings ? 0 : config.vocab_size * config.hidden_size;
  CHECK(parameter_count(config).multiplied == matrices - looked_up);
}
