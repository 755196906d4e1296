#include "group_stats.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tempo/core/error.h"

namespace tempo::credit {

void check_rewards(const char* function, std::span<const float> rewards, std::int32_t responses) {
  constexpr float kMost = 1e37F;
  TEMPO_CHECK(rewards.size() == static_cast<std::size_t>(responses), function, ": rewards: expected ",
              responses, " numbers, one a response, got ", rewards.size());
  for (std::size_t i = 0; i < rewards.size(); ++i)
    TEMPO_CHECK(std::abs(rewards[i]) <= kMost, function, ": rewards[", i,
                "]: expected a finite number of size at most ", kMost, ", got ", rewards[i]);
}

GroupStats group_stats(std::span<const float> rewards, std::vector<float>& scratch) {
  GroupStats stats{.size = static_cast<std::int32_t>(rewards.size())};
  if (rewards.empty()) return stats;
  scratch.assign(rewards.begin(), rewards.end());
  std::sort(scratch.begin(), scratch.end());
  const auto n = static_cast<double>(rewards.size());
  stats.mean = std::accumulate(scratch.begin(), scratch.end(), 0.0) / n;
  if (rewards.size() == 1) return stats;
  double squares = 0;
  for (const double reward : scratch) squares += (reward - stats.mean) * (reward - stats.mean);
  stats.std = std::sqrt(squares / (n - 1));
  return stats;
}

}  // namespace tempo::credit
