// Sets of real numbers as intervals: brackets, inequalities, unions.
#pragma once

#include <optional>
#include <vector>

#include "tree.h"

namespace tempo::reward::math {

// An end without a node is infinite.
struct Interval {
  std::optional<NodeId> low, high;
  bool low_closed = false, high_closed = false;
};

struct RealSet {
  std::vector<Interval> parts;
  std::optional<NodeId> name;  // of the inequality's variable
};

// Returns the real numbers that the node stands for; nothing where it does not: "(1, 2)" is also a pair.
std::optional<RealSet> real_set(Tree& tree, NodeId node);

// Whether the node can be a set of real numbers and nothing else: an inequality, a union, a difference.
bool is_real_set(const Tree& tree, NodeId node);

bool is_inequality(const Tree& tree, NodeId relation);

// Returns 1 or -1 for plus or minus infinity, else 0.
int infinity_sign(const Tree& tree, NodeId node);

}  // namespace tempo::reward::math
