#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "rollout/tiny_model.h"
#include "tempo/core/error.h"
#include "tempo/rollout/sampler.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;
using tempo::model::Architecture;
using tempo::rollout::sample;
using tempo::rollout::SamplingOptions;
using tempo::test::tiny_model;
using tempo::test::Tokens;

TEST_CASE("SamplingOptions: what makes no sense is an error that names the field", "[rollout]") {
  const auto check = [](const char* field, auto change) {
    SamplingOptions options;
    options.validate();
    change(options);
    CHECK_THROWS_MATCHES(options.validate(), tempo::Error, MessageMatches(StartsWith(field)));
  };
  check("temperature", [](auto& o) { o.temperature = -1; });
  check("temperature", [](auto& o) { o.temperature = 1e-9; });
  check("temperature", [](auto& o) { o.temperature = std::nan(""); });
  check("temperature", [](auto& o) { o.temperature = std::numeric_limits<double>::infinity(); });
  check("top_k", [](auto& o) { o.top_k = -1; });
  check("top_p", [](auto& o) { o.top_p = 0; });
  check("top_p", [](auto& o) { o.top_p = 1.1; });
  check("min_p", [](auto& o) { o.min_p = -0.1; });
  check("min_p", [](auto& o) { o.min_p = std::nan(""); });
  check("max_new_tokens", [](auto& o) { o.max_new_tokens = 0; });
  check("max_concurrent_responses", [](auto& o) { o.max_concurrent_responses = 0; });
}

TEST_CASE("sample: prompts that do not fit the model are errors that name the prompt", "[rollout]") {
  const auto model = tiny_model(Architecture::kLlama, 1, 20);
  SamplingOptions options;
  options.max_new_tokens = 60;
  const auto check = [&](const Tokens& prompt, const char* message) {
    const std::vector<Tokens> prompts{{1}, prompt};
    CHECK_THROWS_MATCHES(sample(model, prompts, 2, options, {}), tempo::Error,
                         MessageMatches(StartsWith("sample: prompt 1: ") && ContainsSubstring(message)));
  };
  check({}, "got none");
  check({61}, "got 61");
  check({-1}, "got -1");
  check({1, 2, 3, 4, 5}, "at most 64 positions, got 5 tokens + 60 new ones");
}

TEST_CASE("sample: needs a response and a cache that can be addressed", "[rollout]") {
  const auto model = tiny_model(Architecture::kLlama, 1, 20);
  const std::vector<Tokens> prompts{{1}};
  SamplingOptions options;
  options.max_new_tokens = 60;
  CHECK_THROWS_MATCHES(sample(model, prompts, 0, options, {}), tempo::Error,
                       MessageMatches(ContainsSubstring("responses: expected at least 1, got 0")));
  CHECK_THROWS_MATCHES(sample(model, prompts, 40'000'000, options, {}), tempo::Error,
                       MessageMatches(ContainsSubstring("fewer than 2^31 tokens")));
}

TEST_CASE("sample: logits that are not finite are an error", "[rollout]") {
  const auto model = tiny_model(Architecture::kLlama, 1, 20);
  {
    const at::NoGradGuard no_gradients;
    at::Tensor(model.output_weight())[3][0] = std::nan("");
  }
  const std::vector<Tokens> prompts{{1}};
  SamplingOptions options;
  options.max_new_tokens = 4;
  CHECK_THROWS_MATCHES(sample(model, prompts, 2, options, {}), tempo::Error,
                       MessageMatches(ContainsSubstring("expected finite logits")));
}
