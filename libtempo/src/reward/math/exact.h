// Exact values of expressions.
#pragma once

#include <optional>
#include <vector>

#include "tree.h"

namespace tempo::reward::math {

// Values of the names of a tree, by the index of the name.
using Point = std::vector<Rational>;

// Returns the value where it is rational and found by exact arithmetic alone: + - * /, whole powers, |x|,
// floor, ceiling, factorial, binomial, roots that are rational. Names need a point. Throws NotDecided as
// Rational does.
std::optional<Rational> exact_value(const Tree& tree, NodeId node, const Point* point = nullptr);

}  // namespace tempo::reward::math
