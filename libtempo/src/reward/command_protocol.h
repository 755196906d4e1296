// The lines between this process and a reward program (docs/rewards.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tempo/data/dataset.h"
#include "tempo/reward/response.h"

namespace tempo::reward {

// Of a score: so that no sum of rewards leaves the range of a float.
inline constexpr double kMaxScore = 1e6;

// Returns a JSON object on one line, with its end; bytes that are not UTF-8 become U+FFFD.
std::string request_line(std::int64_t id, const Response& response, const data::Example& example);

struct Answer {
  std::optional<std::int64_t> id;
  double score = 0;
  std::string reason, extracted;  // one line of valid UTF-8 each, clipped
};

// Reads an answer. Throws tempo::Error, "expected ..., got ...", where the line is none.
Answer parse_answer(std::string_view line);

}  // namespace tempo::reward
