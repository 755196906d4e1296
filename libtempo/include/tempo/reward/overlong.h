// Penalises responses that come near the length limit, or reach it.
#pragma once

#include <cstdint>

#include "tempo/reward/response.h"
#include "tempo/reward/verdict.h"

namespace tempo::reward {

struct OverlongOptions {
  std::int64_t max_tokens = 0;    // 0: the limit that the response was sampled with
  std::int64_t cache_tokens = 0;  // over which the penalty grows; 0: a fifth of max_tokens, as in the paper

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Scores 0 up to max - cache tokens, then falls linearly to -1 at max, and is -1 beyond.
// Throws tempo::Error where neither the options nor the response has a limit, and where the limit is below
// the cache. Source: DAPO (arXiv:2503.14476), eq. 13, soft overlong punishment.
Verdict score_overlong(const Response& response, const OverlongOptions& options = {});

}  // namespace tempo::reward
