// One line of tempo-tree's input.
#pragma once

#include <cstdint>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::programs {

// A group's responses and rewards; owns what flat() points to.
struct Group {
  std::vector<std::int32_t> tokens;      // of all responses, one after another
  std::vector<std::int32_t> offsets{0};  // [responses + 1]
  std::vector<float> rewards;            // [responses]
  std::vector<std::int32_t> groups{0, 0};

  tree::FlatGroups flat() const {
    return {.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups};
  }
};

}  // namespace tempo::programs
