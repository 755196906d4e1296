#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "rollout/tiny_model.h"
#include "tempo/model/segment_plan.h"
#include "tempo/rollout/sampler.h"

using tempo::model::Architecture;
using tempo::rollout::Rollout;
using tempo::rollout::sample;
using tempo::rollout::SamplingOptions;
using tempo::test::all_responses;
using tempo::test::ThreadsInScope;
using tempo::test::tiny_model;
using tempo::test::tiny_prompts;
using tempo::test::Tokens;
using tempo::tree::Forest;

namespace {

SamplingOptions short_options() {
  SamplingOptions options;
  options.max_new_tokens = 10;
  options.stop_tokens = {7, 20, 33};
  return options;
}

// The forest of the same responses, built from flat arrays.
Forest rebuilt(const Forest& forest, const std::vector<Tokens>& prompts) {
  Tokens prompt_tokens, prompt_offsets{0}, response_tokens, response_offsets{0}, group_offsets{0};
  std::vector<float> old_logp, entropy;
  const std::int32_t per_group = forest.responses() / static_cast<std::int32_t>(prompts.size());
  for (const auto& prompt : prompts) {
    prompt_tokens.insert(prompt_tokens.end(), prompt.begin(), prompt.end());
    prompt_offsets.push_back(static_cast<std::int32_t>(prompt_tokens.size()));
    group_offsets.push_back(group_offsets.back() + per_group);
  }
  for (std::int32_t r = 0; r < forest.responses(); ++r) {
    for (const auto range : tempo::tree::response_path(forest, r)) {
      for (auto node = static_cast<std::size_t>(range.begin); node < static_cast<std::size_t>(range.end);
           ++node) {
        if (!forest.trainable[node]) continue;
        response_tokens.push_back(forest.token[node]);
        old_logp.push_back(forest.old_logp[node]);
        entropy.push_back(forest.entropy[node]);
      }
    }
    response_offsets.push_back(static_cast<std::int32_t>(response_tokens.size()));
  }
  return tempo::tree::build_forest({.prompt_tokens = prompt_tokens,
                                    .prompt_offsets = prompt_offsets,
                                    .response_tokens = response_tokens,
                                    .response_offsets = response_offsets,
                                    .group_offsets = group_offsets,
                                    .old_logp = old_logp,
                                    .entropy = entropy});
}

std::int64_t response_tokens(const Rollout& rollout) {
  std::int64_t tokens = 0;
  for (const std::int32_t length : rollout.forest.response_length) tokens += length;
  return tokens;
}

}  // namespace

TEST_CASE("sample: its forest is that of its own responses", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto sharpness = GENERATE(5.0, 20.0, 60.0);
  const auto model = tiny_model(Architecture::kLlama, 11, sharpness);
  const auto rollout = sample(model, tiny_prompts(), 7, short_options(), {.seed = 4});
  CHECK(rollout.forest == rebuilt(rollout.forest, tiny_prompts()));
}

TEST_CASE("sample: old_logp and entropy are those of a training pass", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto architecture = GENERATE(Architecture::kLlama, Architecture::kQwen3);
  const auto temperature = GENERATE(1.0, 0.6);
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  CAPTURE(temperature, at::toString(dtype));
  // Sums of at most 64 products through two layers: errors near sqrt(64) units of rounding of the hidden
  // states. float32: 8 * 2^-24 = 5e-7, times logits below 40. bfloat16: logits below 16 round by 2^-5, over
  // 0.6.
  const float tolerance = dtype == at::kFloat ? 2e-5F : 0.15F;
  const auto model = tiny_model(architecture, 12, dtype == at::kFloat ? 20 : 8, dtype);
  auto options = short_options();
  options.temperature = temperature;
  options.top_k = 30;  // must not show in old_logp
  const auto forest = sample(model, tiny_prompts(), 6, options, {.seed = 5}).forest;
  const at::NoGradGuard no_gradients;
  const auto hidden_TD = model.hidden(tempo::model::plan_forest(forest));
  const auto logits_TV = at::linear(hidden_TD, model.output_weight()).to(at::kFloat);
  const auto logp_TV = (logits_TV / temperature).log_softmax(1);
  const auto entropy_T = -(logp_TV.exp() * logp_TV).sum(1);
  for (std::size_t node = 0; node < forest.token.size(); ++node) {
    if (!forest.trainable[node]) continue;
    CAPTURE(node);
    const auto row = forest.parent[node];
    CHECK(std::abs(forest.old_logp[node] - logp_TV[row][forest.token[node]].item<float>()) < tolerance);
    CHECK(std::abs(forest.entropy[node] - entropy_T[row].item<float>()) < tolerance);
  }
}

TEST_CASE("sample: a sharp model is asked once for what its responses share", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto prompts = tiny_prompts();
  const auto rollout =
      sample(tiny_model(Architecture::kLlama, 13, 200), prompts, 8, short_options(), {.seed = 6});
  const auto& forest = rollout.forest;
  std::int64_t continued = 0;
  std::vector<bool> has_child(forest.token.size());
  for (std::size_t node = 0; node < forest.token.size(); ++node)
    if (forest.trainable[node]) has_child[static_cast<std::size_t>(forest.parent[node])] = true;
  for (std::size_t node = 0; node < forest.token.size(); ++node)
    continued += forest.trainable[node] && has_child[node] ? 1 : 0;
  CHECK(rollout.decoded_rows == continued);
  CHECK(rollout.decoded_rows < response_tokens(rollout) / 2);
}

TEST_CASE("sample: greedy responses of a group are one chain", "[rollout]") {
  const ThreadsInScope scope(1);
  auto options = short_options();
  options.temperature = 0;
  const auto rollout = sample(tiny_model(Architecture::kQwen3, 14, 20), tiny_prompts(), 5, options, {});
  const auto responses = all_responses(rollout);
  for (std::size_t r = 0; r < responses.size(); ++r) CHECK(responses[r] == responses[r / 5 * 5]);
  CHECK(rollout.forest.segments.size() == 2 * tiny_prompts().size());
}

TEST_CASE("sample: a response is truncated when its last token is no stop token", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto rollout =
      sample(tiny_model(Architecture::kLlama, 15, 20), tiny_prompts(), 6, short_options(), {});
  const auto responses = all_responses(rollout);
  int truncated = 0;
  for (std::size_t r = 0; r < responses.size(); ++r) {
    const auto last = responses[r].back();
    CHECK((rollout.truncated[r] == 0) == (last == 7 || last == 20 || last == 33));
    if (rollout.truncated[r]) CHECK(responses[r].size() == 10);
    truncated += rollout.truncated[r];
  }
  CHECK((truncated > 0 && truncated < 30));  // both kinds occur
}

TEST_CASE("sample: reports progress after each step, to the end", "[rollout]") {
  const ThreadsInScope scope(1);
  std::vector<std::int64_t> ended;
  sample(tiny_model(Architecture::kLlama, 16, 20), tiny_prompts(), 4, short_options(), {},
         [&](std::int64_t now, std::int64_t total) {
           CHECK(total == 20);
           CHECK((ended.empty() || now >= ended.back()));
           ended.push_back(now);
         });
  CHECK(ended.size() == 10);
  CHECK(ended.back() == 20);
}

TEST_CASE("sample: no prompts give an empty forest", "[rollout]") {
  const ThreadsInScope scope(1);
  const auto rollout = sample(tiny_model(Architecture::kLlama, 17, 20), {}, 4, short_options(), {});
  CHECK(rollout.forest.groups() == 0);
  CHECK(rollout.truncated.empty());
}
