#include "tempo/rollout/sampler.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "decode.h"
#include "draw.h"
#include "frontier.h"
#include "tempo/core/error.h"
#include "tempo/kernels/sampling.h"

namespace tempo::rollout {
namespace {

void check_prompts(const model::ModelConfig& config, std::span<const std::vector<std::int32_t>> prompts,
                   std::int32_t max_new_tokens) {
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto length = static_cast<std::int64_t>(prompts[i].size());
    TEMPO_CHECK(length > 0, "sample: prompt ", i, ": expected tokens, got none");
    TEMPO_CHECK(length + max_new_tokens <= config.max_positions, "sample: prompt ", i, ": expected at most ",
                config.max_positions, " positions, got ", length, " tokens + ", max_new_tokens, " new ones");
    for (const std::int32_t token : prompts[i])
      TEMPO_CHECK(token >= 0 && token < config.vocab_size, "sample: prompt ", i,
                  ": expected token ids below ", config.vocab_size, ", got ", token);
  }
}

Frontier make_frontier(std::span<const std::vector<std::int32_t>> prompts, std::int32_t responses,
                       const SamplingOptions& options) {
  std::size_t longest = 1;
  for (const auto& prompt : prompts) longest = std::max(longest, prompt.size());
  const auto groups = static_cast<std::int64_t>(prompts.size());
  const std::int64_t places =
      std::clamp<std::int64_t>(groups, 1, std::max(1, options.max_concurrent_responses / responses));
  const std::int64_t slots =
      places * (static_cast<std::int64_t>(longest) + std::int64_t{responses} * options.max_new_tokens);
  TEMPO_CHECK(slots <= std::numeric_limits<std::int32_t>::max(),
              "sample: expected a cache of fewer than 2^31 tokens, got ", slots,
              " (max_concurrent_responses or max_new_tokens too large)");
  return Frontier({.responses = responses,
                   .max_new_tokens = options.max_new_tokens,
                   .longest_prompt = static_cast<std::int32_t>(longest),
                   .places = static_cast<std::int32_t>(places),
                   .stop_tokens = options.ignore_eos ? std::vector<std::int32_t>{} : options.stop_tokens});
}

}  // namespace

void SamplingOptions::validate() const {
  TEMPO_CHECK(temperature == 0 || (temperature >= kernels::kMinTemperature && std::isfinite(temperature)),
              "temperature: expected 0 or at least ", kernels::kMinTemperature, ", got ", temperature);
  TEMPO_CHECK(top_k >= 0, "top_k: expected at least 0, got ", top_k);
  TEMPO_CHECK(top_p > 0 && top_p <= 1, "top_p: expected a number above 0, at most 1, got ", top_p);
  TEMPO_CHECK(min_p >= 0 && min_p <= 1, "min_p: expected a number from 0 to 1, got ", min_p);
  TEMPO_CHECK(max_new_tokens >= 1, "max_new_tokens: expected at least 1, got ", max_new_tokens);
  TEMPO_CHECK(max_concurrent_responses >= 1, "max_concurrent_responses: expected at least 1, got ",
              max_concurrent_responses);
}

Rollout sample(const model::Model& model, std::span<const std::vector<std::int32_t>> prompts,
               std::int32_t responses, const SamplingOptions& options, const SamplingKey& key,
               const Progress& progress, const model::PackedWeights* packed) {
  options.validate();
  TEMPO_CHECK(responses >= 1, "sample: responses: expected at least 1, got ", responses);
  check_prompts(model.config(), prompts, options.max_new_tokens);
  const at::NoGradGuard no_gradients;

  Frontier frontier = make_frontier(prompts, responses, options);
  const model::PackedWeights own = packed ? model::PackedWeights() : model.pack();
  const model::PackedWeights& weights = packed ? *packed : own;
  Decoder decoder(model, weights, prompts, frontier.slots());
  Drawer drawer(model, weights.output, options, key);
  Rollout rollout;
  std::size_t admitted = 0;
  while (true) {
    while (admitted < prompts.size() && frontier.has_free_place()) frontier.admit(prompts[admitted++]);
    if (frontier.nodes().empty()) break;
    for (const FrontierNode& node : frontier.nodes()) rollout.decoded_rows += node.length > 0 ? 1 : 0;
    drawer.draw(decoder.hidden_at_ends(frontier), frontier);
    frontier.advance();
    if (progress) progress(frontier.ended(), static_cast<std::int64_t>(prompts.size()) * responses);
  }
  rollout.forest = frontier.forest();
  rollout.truncated = frontier.truncated();
  return rollout;
}

}  // namespace tempo::rollout
