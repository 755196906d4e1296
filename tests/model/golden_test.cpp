// The forward and backward pass against transformers (tests/golden/model/make_model_golden.py).
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "model/model_fixtures.h"
#include "tempo/io/safetensors.h"
#include "tempo/model/model.h"

using namespace tempo::model;
using namespace tempo::testing;
using tempo::io::Safetensors;

namespace {

at::Tensor read(const Safetensors& file, const std::string& name) {
  at::Tensor values = at::empty(file.shape(name), at::kFloat);
  file.read(name, {values.mutable_data_ptr<float>(), static_cast<std::size_t>(values.numel())});
  return values;
}

SegmentPlan golden_plan(const Safetensors& expected) {
  const at::Tensor tokens = read(expected, "tokens").to(at::kInt);
  const auto* data = tokens.const_data_ptr<std::int32_t>();
  return plan_sequence({data, data + tokens.numel()});
}

}  // namespace

TEST_CASE("Model: logits and every gradient equal those of transformers", "[model]") {
  const std::string name = GENERATE("llama_tied", "llama3_bias", "qwen2", "qwen3");
  INFO(name);
  const Safetensors expected = Safetensors::open(model_golden(name + "/expected.safetensors"));
  const Model model = load_model(model_golden(name), at::kFloat, at::kCPU);
  const at::Tensor logits_TV = logits(model, model.hidden(golden_plan(expected)));
  CHECK(relative_error(logits_TV, read(expected, "logits")) < kFloatTolerance);

  const std::vector<at::Tensor> got = gradients(model, (logits_TV * read(expected, "loss_weight")).sum());
  CHECK(got.size() + 3 == expected.names().size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string& parameter = model.parameters()[i].name;
    INFO(parameter);
    CHECK(relative_error(got[i], read(expected, "grad." + parameter)) < kFloatTolerance);
  }
}

TEST_CASE("Model: bfloat16 is close to float32", "[model]") {
  const std::string name = GENERATE("llama_tied", "llama3_bias", "qwen2", "qwen3");
  INFO(name);
  const Safetensors expected = Safetensors::open(model_golden(name + "/expected.safetensors"));
  const Model model = load_model(model_golden(name), at::kBFloat16, at::kCPU);
  const at::Tensor logits_TV = logits(model, model.hidden(golden_plan(expected)));
  REQUIRE(logits_TV.scalar_type() == at::kBFloat16);
  const at::Tensor wide = read(expected, "logits");
  // A value is rounded by up to 2^-9, 1.1e-3 on average; about 25 roundings in a row (weights, and each
  // step's result) that are independent give sqrt(25) 1.1e-3 = 0.6 %, twice that through the sharp softmax.
  const at::Tensor rms_error = (logits_TV.to(at::kFloat) - wide).norm() / wide.norm();
  CHECK(rms_error.item<double>() < 0.03);
}
