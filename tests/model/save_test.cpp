#include "model/save.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/scratch.h"
#include "model/config_write.h"
#include "model/model_fixtures.h"
#include "tempo/io/file.h"
#include "tempo/model/model.h"

using namespace tempo::model;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

void check_equal(const std::filesystem::path& folder, const Model& model) {
  const Model loaded = load_model(folder, model.dtype(), at::kCPU);
  REQUIRE(loaded.parameters().size() == model.parameters().size());
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    INFO(model.parameters()[i].name);
    CHECK(at::equal(loaded.parameters()[i].tensor, model.parameters()[i].tensor));
  }
}

}  // namespace

TEST_CASE("save_model: what is loaded again is equal bit for bit", "[model]") {
  const Scratch scratch;
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  ModelConfig config = small_config();
  config.tie_embeddings = GENERATE(false, true);
  const Model model = random_model(config, 1, dtype);
  save_model(model, scratch.folder() / "new" / "model", dtype);
  check_equal(scratch.folder() / "new" / "model", model);
}

TEST_CASE("save_model: shards are loaded like one file, and replace it", "[model]") {
  const Scratch scratch;
  const Model first = random_model(small_config(), 1), second = random_model(small_config(), 2);
  save_model(first, scratch.folder(), at::kFloat);
  save_shards(second, parameter_tensors(second), scratch.folder(), at::kFloat, 20'000);
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "model.safetensors"));
  CHECK(std::filesystem::exists(scratch.folder() / "model-00002-of-00005.safetensors"));
  check_equal(scratch.folder(), second);
  save_model(first, scratch.folder(), at::kFloat);
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "model-00002-of-00005.safetensors"));
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "model.safetensors.index.json"));
  check_equal(scratch.folder(), first);
}

TEST_CASE("save_model: given values are saved in the model's place", "[model]") {
  const Scratch scratch;
  const Model model = random_model(small_config(), 1, at::kBFloat16),
              master = random_model(small_config(), 2);
  save_model(model, parameter_tensors(master), scratch.folder(), at::kFloat);
  check_equal(scratch.folder(), master);
}

TEST_CASE("save_model: the configuration survives a round trip", "[model]") {
  const Scratch scratch;
  const std::string source = GENERATE("llama_tied", "llama3_bias", "qwen2", "qwen3", "llama3_bias.gguf");
  const ModelConfig config = read_config(model_golden(source));
  save_model(load_model(model_golden(source), at::kFloat, at::kCPU), scratch.folder(), at::kFloat);
  // The text holds every field.
  const ModelConfig again = read_config(scratch.folder());
  CHECK(huggingface_config(again, at::kFloat) == huggingface_config(config, at::kFloat));
  CHECK(again.eos_token_ids == config.eos_token_ids);
}

TEST_CASE("save_model: config.json keeps what transformers wrote", "[model]") {
  const std::string source = GENERATE("llama_tied", "llama3_bias", "qwen2", "qwen3");
  const auto parse = [](const std::string& text) { return nlohmann::json::parse(text); };
  const nlohmann::json written = parse(huggingface_config(read_config(model_golden(source)), at::kFloat));
  const nlohmann::json original = parse(tempo::io::read_text(model_golden(source + "/config.json")));
  for (const char* key :
       {"architectures", "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads", "num_key_value_heads", "hidden_act", "max_position_embeddings", "rms_norm_eps",
        "rope_parameters", "tie_word_embeddings", "bos_token_id", "eos_token_id"}) {
    INFO(key);
    CHECK(written.at(key) == original.at(key));
  }
  CHECK(written.at("torch_dtype") == original.at("dtype"));
}

TEST_CASE("save_model: wrong values, dtypes and folders are refused", "[model]") {
  const Scratch scratch;
  const Model model = random_model(small_config(), 1);
  std::vector<at::Tensor> values = parameter_tensors(model);
  CHECK_THAT(error_of([&] { save_model(model, scratch.folder(), at::kDouble); }),
             ContainsSubstring("got Double"));
  values[1] = at::zeros({3});
  CHECK_THAT(error_of([&] { save_model(model, values, scratch.folder(), at::kFloat); }),
             ContainsSubstring("model.layers.0.self_attn.q_proj.weight: expected shape [48, 32], got [3]"));
  values.pop_back();
  CHECK_THAT(error_of([&] { save_model(model, values, scratch.folder(), at::kFloat); }),
             ContainsSubstring("tensors, got"));
  const auto file = scratch.write("file", "");
  CHECK_THAT(error_of([&] { save_model(model, file, at::kFloat); }), ContainsSubstring(file.string()));
  CHECK_FALSE(std::filesystem::exists(scratch.folder() / "config.json"));
}
