#include "tempo/rollout/sampler.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "rollout/tiny_model.h"
#include "support/reference_sampling.h"
#include "tempo/core/random.h"
#include "tempo/model/segment_plan.h"

using tempo::model::Architecture;
using tempo::rollout::sample;
using tempo::rollout::SamplingKey;
using tempo::rollout::SamplingOptions;
using tempo::test::all_responses;
using tempo::test::ThreadsInScope;
using tempo::test::tiny_model;
using tempo::test::tiny_prompts;
using tempo::test::Tokens;

namespace {

std::span<const float> row(const at::Tensor& logits_TV, std::int64_t index) {
  return {logits_TV.const_data_ptr<float>() + index * logits_TV.size(1),
          static_cast<std::size_t>(logits_TV.size(1))};
}

// One response by the definition: the whole sequence through the model for every token, nothing shared.
Tokens sample_alone(const tempo::model::Model& model, const Tokens& prompt, const SamplingOptions& options,
                    tempo::core::DrawKey key) {
  const at::NoGradGuard no_gradients;
  Tokens sequence = prompt, response;
  while (static_cast<std::int32_t>(response.size()) < options.max_new_tokens) {
    const auto hidden_TD = model.hidden(tempo::model::plan_sequence(sequence));
    const auto logits_TV = at::linear(hidden_TD.narrow(0, hidden_TD.size(0) - 1, 1), model.output_weight());
    const bool greedy = options.temperature == 0;
    const auto p =
        tempo::test::truncated(tempo::test::softmax(row(logits_TV, 0), greedy ? 1 : options.temperature),
                               greedy ? 1 : options.top_k, options.top_p, options.min_p);
    key.position = static_cast<std::uint32_t>(response.size());
    response.push_back(tempo::test::inverse_cdf(p, tempo::core::uniform_draw(key)));
    sequence.push_back(response.back());
    const auto& stops = options.stop_tokens;
    if (std::find(stops.begin(), stops.end(), response.back()) != stops.end()) break;
  }
  return response;
}

SamplingOptions options_with_stops() {
  SamplingOptions options;
  options.max_new_tokens = 12;
  options.stop_tokens = {7, 20, 33};
  return options;
}

// Settings that change what is drawn, by index.
SamplingOptions setting(int index) {
  SamplingOptions options = options_with_stops();
  if (index == 1) options.temperature = 0.7;
  if (index == 2) options.top_k = 5;
  if (index == 3) options.top_p = 0.8;
  if (index == 4) options.min_p = 0.1;
  if (index == 5) options.temperature = 0;
  if (index == 6) options.max_new_tokens = 1;
  if (index == 7) options.stop_tokens = {};
  if (index == 8) options.top_k = 20, options.top_p = 0.9, options.min_p = 0.02, options.temperature = 1.3;
  return options;
}

}  // namespace

// Cached and whole passes differ by roundings near 1e-6, so one draw in some hundred thousand could fall on
// the other side of a boundary; the draws are a function of the seeds, and these few thousand do not.
TEST_CASE("sample: equals independent samplings with the same keys", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto architecture = GENERATE(Architecture::kLlama, Architecture::kQwen3);
  const auto index = GENERATE(0, 1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(static_cast<int>(architecture), index);
  const auto model = tiny_model(architecture, 3, 20);
  const auto prompts = tiny_prompts();
  const auto options = setting(index);
  const auto responses =
      all_responses(sample(model, prompts, 6, options, {.seed = 5, .step = 2, .first_prompt = 10}));
  REQUIRE(responses.size() == 6 * prompts.size());
  for (std::uint32_t r = 0; r < responses.size(); ++r) {
    CAPTURE(r);
    CHECK(responses[r] == sample_alone(model, prompts[r / 6], options,
                                       {.seed = 5, .step = 2, .prompt = 10 + r / 6, .response = r % 6}));
  }
}

TEST_CASE("sample: a prompt's responses do not depend on the prompts beside it", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto model = tiny_model(Architecture::kLlama, 4, 20);
  const auto prompts = tiny_prompts();
  const auto together = all_responses(sample(model, prompts, 4, options_with_stops(), {.seed = 1}));
  std::vector<Tokens> alone;
  for (std::uint32_t i = 0; i < prompts.size(); ++i)
    for (const auto& response : all_responses(sample(model, std::span(prompts).subspan(i, 1), 4,
                                                     options_with_stops(), {.seed = 1, .first_prompt = i})))
      alone.push_back(response);
  CHECK(together == alone);
}

TEST_CASE("sample: the same under any number of concurrent responses", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto model = tiny_model(Architecture::kQwen3, 5, 20);
  auto options = options_with_stops();
  const auto expected = sample(model, tiny_prompts(), 4, options, {.seed = 2});
  for (const std::int32_t concurrent : {1, 4, 8, 11, 12}) {
    CAPTURE(concurrent);
    options.max_concurrent_responses = concurrent;
    const auto rollout = sample(model, tiny_prompts(), 4, options, {.seed = 2});
    CHECK(rollout.forest.token == expected.forest.token);
    CHECK((rollout.forest.segments == expected.forest.segments));
    CHECK(rollout.truncated == expected.truncated);
    CHECK(rollout.decoded_rows == expected.decoded_rows);
  }
}

TEST_CASE("sample: the same on one thread and on two", "[rollout]") {
  const auto model = tiny_model(Architecture::kLlama, 6, 20);
  const auto on = [&](int threads) {
    const ThreadsInScope scope(threads);
    return sample(model, tiny_prompts(), 4, options_with_stops(), {.seed = 3});
  };
  const auto one = on(1), two = on(2);
  CHECK(one.forest.token == two.forest.token);
  CHECK((one.forest.segments == two.forest.segments));
}

TEST_CASE("sample: the same with weights packed before", "[rollout]") {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const auto model = tiny_model(Architecture::kQwen3, 5, 20, dtype);
    const auto packed = model.pack();
    const auto inside = sample(model, tiny_prompts(), 3, options_with_stops(), {.seed = 5});
    const auto before = sample(model, tiny_prompts(), 3, options_with_stops(), {.seed = 5}, {}, &packed);
    CHECK(all_responses(before) == all_responses(inside));
    CHECK(before.forest.old_logp == inside.forest.old_logp);
  }
}

TEST_CASE("sample: seed, step and prompt index each change the draws", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto model = tiny_model(Architecture::kLlama, 7, 20);
  const std::vector<Tokens> prompts{{1, 2}};
  const auto drawn = [&](const SamplingKey& key) {
    return all_responses(sample(model, prompts, 4, options_with_stops(), key));
  };
  const auto base = drawn({.seed = 1});
  CHECK(base == drawn({.seed = 1}));
  CHECK(base != drawn({.seed = 2}));
  CHECK(base != drawn({.seed = 1, .step = 1}));
  CHECK(base != drawn({.seed = 1, .first_prompt = 1}));
}
