// Equations and inequalities.
#pragma once

#include <optional>
#include <vector>

#include "tree.h"

namespace tempo::reward::math {

// Returns the relation without the steps between its first and its last exact side: "x = 5+6 = 11" is
// "x = 11", and "1/3 = 0.33..." with a near sign is "1/3". Other nodes as they are.
NodeId shortened(Tree& tree, NodeId node);

// "name = value": x = 5, f(x) = 2x, (p, q) = (3, 2), S : T = 7 : 32. The name is missing where the first side
// is no name but a constant or a sum that only the last side computes, as in "2 + 3 = 5".
struct Assignment {
  std::optional<NodeId> name;
  NodeId value;
};
std::optional<Assignment> assignment(const Tree& tree, NodeId node);

// Whether both names may stand for the same: equal, or "y" and "f(x)".
bool same_name(const Tree& tree, NodeId a, NodeId b);

// Whether two relations of two sides say the same: their differences are equal up to a constant factor, which
// is positive for inequalities.
bool same_relation(Tree& tree, NodeId a, NodeId b);

}  // namespace tempo::reward::math
