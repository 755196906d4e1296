#include "tempo/reward/overlong.h"

#include <algorithm>

#include "tempo/core/error.h"

namespace tempo::reward {

void OverlongOptions::validate() const {
  TEMPO_CHECK(max_tokens >= 0, "max_tokens: expected 0 or more, got ", max_tokens);
  TEMPO_CHECK(cache_tokens >= 0, "cache_tokens: expected 0 or more, got ", cache_tokens);
  TEMPO_CHECK(max_tokens == 0 || cache_tokens <= max_tokens, "cache_tokens: expected at most max_tokens, ",
              max_tokens, ", got ", cache_tokens);
}

Verdict score_overlong(const Response& response, const OverlongOptions& options) {
  options.validate();
  const std::int64_t limit = options.max_tokens > 0 ? options.max_tokens : response.max_tokens;
  TEMPO_CHECK(limit > 0, "expected a length limit of the response or of the options, got none");
  const std::int64_t cache =
      options.cache_tokens > 0 ? options.cache_tokens : std::max<std::int64_t>(limit / 5, 1);
  TEMPO_CHECK(cache <= limit, "cache_tokens: expected at most the length limit, ", limit, ", got ", cache);
  const std::int64_t over = std::clamp<std::int64_t>(response.tokens - (limit - cache), 0, cache);
  return {.score = over == 0 ? 0.0 : -static_cast<double>(over) / static_cast<double>(cache),
          .reason = core::concat(response.tokens, " tokens of ", limit),
          .extracted = {}};
}

}  // namespace tempo::reward
