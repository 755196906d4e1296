#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "io/scratch.h"
#include "model/model_fixtures.h"
#include "tempo/io/file.h"
#include "tempo/model/model.h"

using namespace tempo::model;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

void check_equal(const Model& got, const Model& expected) {
  REQUIRE(got.parameters().size() == expected.parameters().size());
  for (std::size_t i = 0; i < got.parameters().size(); ++i) {
    INFO(expected.parameters()[i].name);
    CHECK(got.parameters()[i].name == expected.parameters()[i].name);
    CHECK(at::equal(got.parameters()[i].tensor, expected.parameters()[i].tensor));
  }
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("load_model: a sharded checkpoint equals the single file", "[model]") {
  check_equal(load_model(model_golden("llama_tied_sharded"), at::kFloat, at::kCPU),
              load_model(model_golden("llama_tied"), at::kFloat, at::kCPU));
}

TEST_CASE("load_model: a GGUF file equals the folder it was made from", "[model]") {
  const std::string name = GENERATE("llama3_bias", "qwen3");
  check_equal(load_model(model_golden(name + ".gguf"), at::kFloat, at::kCPU),
              load_model(model_golden(name), at::kFloat, at::kCPU));
}

TEST_CASE("load_model: bfloat16 parameters are the rounded float32 ones", "[model]") {
  const Model wide = load_model(model_golden("qwen2"), at::kFloat, at::kCPU);
  const Model narrow = load_model(model_golden("qwen2"), at::kBFloat16, at::kCPU);
  for (std::size_t i = 0; i < wide.parameters().size(); ++i) {
    const at::Tensor& tensor = narrow.parameters()[i].tensor;
    CHECK(tensor.requires_grad());
    CHECK(at::equal(tensor, wide.parameters()[i].tensor.to(at::kBFloat16)));
  }
}

TEST_CASE("load_model: the output is tied where a checkpoint has no output weight", "[model]") {
  const Scratch scratch;
  const std::string config = tempo::io::read_text(model_golden("llama_tied/config.json"));
  scratch.write("config.json",
                replaced(config, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false"));
  scratch.write("model.safetensors", tempo::io::read_text(model_golden("llama_tied/model.safetensors")));
  const Model model = load_model(scratch.folder(), at::kFloat, at::kCPU);
  CHECK(model.config().tie_embeddings);
  CHECK(model.output_weight().is_same(model.parameters()[0].tensor));
}

TEST_CASE("load_model: weights that do not fit name file, tensor, expected and got", "[model]") {
  struct Bad {
    std::string file, from, to, error;
  };
  const Bad bad = GENERATE(values<Bad>({
      {"model.safetensors", "0.mlp.up_proj", "0.mlp.up_prox",
       "model.layers.0.mlp.up_proj.weight: expected a tensor [40, 32], got nothing"},
      {"config.json", "\"intermediate_size\": 40", "\"intermediate_size\": 41",
       "model.layers.0.mlp.gate_proj.weight: expected shape [41, 32], got [40, 32]"},
      {"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1",
       "expected the tensors of the architecture only, got one more"},
      {"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3",
       "model.layers.2.self_attn.q_proj.weight: expected a tensor [32, 32], got nothing"},
  }));
  const Scratch scratch;
  for (const std::string& file : {std::string("config.json"), std::string("model.safetensors")}) {
    const std::string bytes = tempo::io::read_text(model_golden("llama_tied/" + file));
    scratch.write(file, file == bad.file ? replaced(bytes, bad.from, bad.to) : bytes);
  }
  const std::string error = error_of([&] { load_model(scratch.folder(), at::kFloat, at::kCPU); });
  CHECK_THAT(error, ContainsSubstring(scratch.folder().string()) && ContainsSubstring(bad.error));
  CHECK(error.find('\n') == std::string::npos);
}

TEST_CASE("load_model: missing and truncated weights name the file", "[model]") {
  const Scratch scratch;
  scratch.write("config.json", tempo::io::read_text(model_golden("llama_tied/config.json")));
  const auto load = [&] { load_model(scratch.folder(), at::kFloat, at::kCPU); };
  CHECK_THAT(error_of(load),
             ContainsSubstring(scratch.folder().string()) && ContainsSubstring("model.safetensors"));
  const std::string weights = tempo::io::read_text(model_golden("llama_tied/model.safetensors"));
  scratch.write("model.safetensors", weights.substr(0, weights.size() - 1));
  CHECK_THAT(error_of(load), ContainsSubstring((scratch.folder() / "model.safetensors").string()));
  const std::string gguf = tempo::io::read_text(model_golden("qwen3.gguf"));
  const auto path = scratch.write("cut.gguf", gguf.substr(0, gguf.size() - 1));
  CHECK_THAT(error_of([&] { load_model(path, at::kFloat, at::kCPU); }), ContainsSubstring(path.string()));
}

TEST_CASE("load_model: parameters of a dtype that no model has are refused", "[model]") {
  CHECK_THAT(error_of([] { load_model(model_golden("qwen2"), at::kInt, at::kCPU); }),
             ContainsSubstring("expected float32, bfloat16 or float16, got Int"));
}
