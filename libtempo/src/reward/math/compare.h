// Equality of answers.
#pragma once

#include "tree.h"

namespace tempo::reward::math {

// Whether the answers are equal by the conventions of docs/rewards.md. Throws NotDecided where that cannot be
// shown within the budget.
bool equal_answers(Tree& tree, NodeId gold, NodeId answer, double relative_tolerance);

}  // namespace tempo::reward::math
