// The frontier sampler: grows each group's prefix tree as it samples, one model row for all responses that
// still agree.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tempo/model/model.h"
#include "tempo/tree/forest.h"

namespace tempo::rollout {

struct SamplingOptions {
  double temperature = 1.0;  // 0: greedy, else at least 1e-4
  std::int32_t top_k = 0;    // 0: off
  double top_p = 1.0;        // 1: off
  double min_p = 0.0;        // 0: off
  std::int32_t max_new_tokens = 256;
  std::vector<std::int32_t> stop_tokens;        // a response ends with the first of them, which belongs to it
  bool ignore_eos = false;                      // every response has max_new_tokens, whatever stop_tokens
  std::int32_t max_concurrent_responses = 256;  // responses that are sampled at a time; bounds the cache

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Who asks: the key of every draw is (seed, step, index of the prompt, response, position), core::DrawKey.
struct SamplingKey {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;
  std::uint32_t first_prompt = 0;  // index of prompts[0]
};

struct Rollout {
  tree::Forest forest;                  // one group a prompt, old_logp and entropy of every response token
  std::vector<std::uint8_t> truncated;  // [R] 1: cut at the length limit
  std::int64_t decoded_rows =
      0;  // model rows computed after the prompts: distinct tokens that were continued
};

// Called after each decode step with the responses that have ended and all responses.
using Progress = std::function<void(std::int64_t ended, std::int64_t total)>;

// Returns `responses` samples of every prompt. old_logp and entropy are those of the distribution after
// temperature (at temperature 0, of temperature 1), before top-k, top-p and min-p, which cut in this order:
// kernels::SamplingParams. Gradients are off inside. The result equals that of independent samplings with the
// same keys, whatever the batch, up to the rounding of matrix products. Throws tempo::Error: an empty prompt,
// a token outside the vocabulary, prompt + max_new_tokens beyond the model's positions, logits that are not
// finite. packed: the model's weights, packed since they last changed, for many calls between two updates;
// null: packed in the call. Changes no bit.
Rollout sample(const model::Model& model, std::span<const std::vector<std::int32_t>> prompts,
               std::int32_t responses, const SamplingOptions& options, const SamplingKey& key,
               const Progress& progress = {}, const model::PackedWeights* packed = nullptr);

}  // namespace tempo::rollout
