// Equality of expressions as functions of their names.
#pragma once

#include "tree.h"

namespace tempo::reward::math {

// Whether the expressions are equal wherever both are defined; names are equal by name. A relative tolerance
// above 0 also accepts close constants. Throws NotDecided where neither can be shown.
bool equal_scalars(Tree& tree, NodeId a, NodeId b, double relative_tolerance);

// Returns the sign of the constant c where a = c * b with c not 0, else 0.
int proportional(Tree& tree, NodeId a, NodeId b);

// Returns the value's sign where the expression is a real constant.
std::optional<double> constant_value(const Tree& tree, NodeId node);

// Whether the node is a number or an expression, and no list, relation, words or the like.
bool is_scalar(const Tree& tree, NodeId node);

}  // namespace tempo::reward::math
