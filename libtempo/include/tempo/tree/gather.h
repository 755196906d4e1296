// Forests made of groups of other forests.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/tree/forest.h"

namespace tempo::tree {

// A group of some forest.
struct GroupRef {
  const Forest* forest;
  std::int32_t group;
};

// Returns the forest of the given groups, in order, indices counted anew. Throws tempo::Error for a group
// that its forest does not have.
Forest gather_groups(std::span<const GroupRef> groups);

}  // namespace tempo::tree
