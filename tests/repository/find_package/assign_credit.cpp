// Prints the advantages of two responses that part at their second token; needs no libtorch.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "tempo/credit/advantages.h"

int main() {
  const std::vector<std::int32_t> tokens{1, 2, 1, 3}, offsets{0, 2, 4}, groups{0, 2};
  const std::vector<float> rewards{1, 0};
  const std::vector<float> advantages = tempo::credit::token_advantages(
      {.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups}, rewards,
      {.divide_by_std = false});
  for (const float advantage : advantages) std::printf("%+.1f ", advantage);
  std::printf("\n");
}
