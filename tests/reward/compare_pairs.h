// Tables of answers that are equal, or are not.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tempo/reward/math.h"

namespace tempo::tests {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Compares each pair both ways.
inline void check(bool equivalent, const Pairs& pairs) {
  for (const auto& [a, b] : pairs) {
    for (const auto& [gold, answer] : {std::pair(a, b), std::pair(b, a)}) {
      const auto result = reward::compare_answers(gold, answer);
      INFO(result.reason);
      CHECK(result.equivalent == equivalent);
    }
  }
}

}  // namespace tempo::tests
