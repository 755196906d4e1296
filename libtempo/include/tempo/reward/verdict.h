// What one reward term says about one response.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace tempo::reward {

// Why a term gave its failure score instead of a judgement.
enum class Failure : std::uint8_t {
  kNone,
  kLimit,        // the step limit of a regular expression
  kTimeout,      // a worker that did not answer in time
  kDeath,        // a worker that ended, or could not be started
  kBadAnswer,    // a worker that wrote something else than an answer
  kUnavailable,  // workers that had failed too often in a row: the response was not sent
};
inline constexpr std::size_t kFailureKinds = 6;

// How many responses had each failure, by its enumerator.
using FailureCounts = std::array<std::int64_t, kFailureKinds>;

struct Verdict {
  double score = 0;                  // 1: right, 0: wrong; of a penalty 0 or less
  std::string reason;                // one line of valid UTF-8: why
  std::string extracted;             // the answer found in the response, clipped, valid UTF-8; empty: none
  Failure failure = Failure::kNone;  // else the score says nothing about the response
};

}  // namespace tempo::reward
