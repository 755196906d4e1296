// A response as rewards see it.
#pragma once

#include <cstdint>
#include <string_view>

#include "tempo/data/dataset.h"

namespace tempo::reward {

struct Response {
  std::string_view text;        // any bytes; outlives its scoring
  std::int64_t tokens = 0;      // its length, an end token included
  std::int64_t max_tokens = 0;  // the length limit that it was sampled with; 0: not known
  bool truncated = false;       // cut at that limit
};

// A response to score, and its problem, which outlives the scoring.
struct Item {
  Response response;
  const data::Example* example = nullptr;
};

}  // namespace tempo::reward
