// The credit of some groups of a forest.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/credit/advantages.h"
#include "tempo/tree/forest.h"

namespace tempo::credit {

// Returns the credit of the forest that tree::gather_groups makes of the given groups of this one.
// Requires groups of the forest, and its own credit.
Credit gather_credit(const tree::Forest& forest, const Credit& credit, std::span<const std::int32_t> groups);

}  // namespace tempo::credit
