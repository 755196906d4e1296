// From the token ids and rewards of sampled responses to an advantage for every token, by TEMPO.
#include "tempo/credit/advantages.h"

#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
  // One prompt, four responses: 11 12 13, 11 12 14 15, 11 16 and 17. The first and the last are right.
  const std::vector<std::int32_t> tokens{11, 12, 13, 11, 12, 14, 15, 11, 16, 17};
  const std::vector<std::int32_t> offsets{0, 3, 7, 9, 10};  // where each response begins, and the end
  const std::vector<std::int32_t> groups{0, 4};             // responses of each prompt
  const std::vector<float> rewards{1, 0, 0, 1};

  const std::vector<float> advantages = tempo::credit::token_advantages(
      {.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups}, rewards,
      {.estimator = tempo::credit::Estimator::kTempo});

  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    std::printf("response %zu:", i);
    for (auto t = static_cast<std::size_t>(offsets[i]); t < static_cast<std::size_t>(offsets[i + 1]); ++t)
      std::printf(" %d %+.3f", tokens[t], advantages[t]);
    std::printf("\n");
  }
}
