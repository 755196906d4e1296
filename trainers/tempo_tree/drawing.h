// A group's prefix tree as text.
#pragma once

#include <span>
#include <string>

#include "tempo/credit/advantages.h"
#include "tempo/tree/forest.h"

namespace tempo::programs {

// Returns lines that draw the forest's one group: its segments with tokens (long ones shortened), the number
// n of responses through it, V, and the step that the estimator gives its first token; its responses with
// reward and advantage where they end. `number` is the group's in the input.
std::string draw_group(const tree::Forest& forest, std::span<const float> rewards,
                       const credit::AdvantageOptions& options, std::size_t number);

}  // namespace tempo::programs
