// What an estimator needs of a group's rewards.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::credit {

// Throws tempo::Error unless there is one usable reward a response (assign_credit says what is usable).
void check_rewards(const char* function, std::span<const float> rewards, std::int32_t responses);

struct GroupStats {
  std::int32_t size = 0;
  double mean = 0;
  double std = 0;  // unbiased; 0 exactly for a group of one and for equal rewards
};

// Returns the statistics of the rewards; sums run over them by size, so their order does not matter. The mean
// of equal rewards is exact: a float times a count below 2^29 is a double without rounding. `scratch` is
// overwritten.
GroupStats group_stats(std::span<const float> rewards, std::vector<float>& scratch);

}  // namespace tempo::credit
