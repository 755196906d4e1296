// Values of expressions as balls.
#pragma once

#include <vector>

#include "ball.h"
#include "exact.h"
#include "tree.h"

namespace tempo::reward::math {

template <class Real>
struct Numeric {
  Ball<Real> value;
  bool left_reals = false;  // a root or logarithm of a negative number was taken
};

// Returns the expression's value at the point; \log without a base is natural or decimal. Invalid where it
// has none, or holds what is no number.
template <class Real>
Numeric<Real> numeric_value(const Tree& tree, NodeId node, const Point& point, bool decimal_log);

extern template Numeric<double> numeric_value(const Tree&, NodeId, const Point&, bool);
extern template Numeric<Wide> numeric_value(const Tree&, NodeId, const Point&, bool);

}  // namespace tempo::reward::math
