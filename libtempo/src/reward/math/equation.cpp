#include "equation.h"

#include "interval.h"
#include "scalar.h"

namespace tempo::reward::math {
namespace {

// Whether the side names something: letters, subscripts, function calls, quotients of them, words.
bool is_name(const Tree& tree, NodeId node, bool outermost = true) {
  switch (tree[node].kind) {
    case Kind::kName:
    case Kind::kText:
      return true;
    case Kind::kMultiply:
    case Kind::kTuple:
    case Kind::kColon:
    case Kind::kList:
    case Kind::kDegree:
      break;
    case Kind::kConstant:
    case Kind::kNumber:
      return !outermost;  // f(2) = 5, AE = 3 with Euler's e
    case Kind::kInverse:
    case Kind::kUnit:
      break;
    case Kind::kPower:  // f^{-1}(x)
      return !outermost && tree.is(tree.kid(node, 0), Kind::kName) &&
             tree.is(tree.kid(node, 1), Kind::kNumber) && tree.value(tree.kid(node, 1)) == Rational(-1);
    case Kind::kFunction:
      if (!tree.is_function(node, Function::kAbs) && !tree.is_function(node, Function::kNorm) &&
          !tree.is_function(node, Function::kMax) && !tree.is_function(node, Function::kMin)) {
        return false;
      }
      break;
    default:
      return false;
  }
  bool any = false;
  for (std::int32_t i = 0; i < tree[node].count; ++i) {
    if (!is_name(tree, tree.kid(node, i), false)) return false;
    const Kind kind = tree[tree.kid(node, i)].kind;
    any = any || kind != Kind::kNumber;
  }
  return any && !(tree.is(node, Kind::kMultiply) && tree.is(tree.kid(node, 0), Kind::kNumber));
}

bool is_call(const Tree& tree, NodeId node) {
  if (!tree.is(node, Kind::kMultiply)) return false;
  const NodeId called = tree.kid(node, 0);
  return tree.is(called, Kind::kName) || tree.is(called, Kind::kPower);
}

bool is_constant(const Tree& tree, NodeId node) {
  return is_scalar(tree, node) && !tree.contains(node, Kind::kName);
}

NodeId difference(Tree& tree, NodeId left, NodeId right) {
  return tree.add(Kind::kAdd, {left, tree.add(Kind::kNegate, {right})});
}

}  // namespace

NodeId shortened(Tree& tree, NodeId node) {
  if (!tree.is(node, Kind::kRelation)) return node;
  std::vector<NodeId> sides = {tree.kid(node, 0)};
  bool exact = true;
  const std::int32_t count = tree[node].count;
  for (std::int32_t i = 0; i + 1 < count && exact; ++i) {
    const Relation sign = tree.sign(node, i);
    const bool near = sign == Relation::kNear;
    if (!near && sign != Relation::kEqual && sign != Relation::kTo) return node;
    if (sign == Relation::kTo) sides.clear();
    // A name is not a value that an approximation follows.
    exact = !near || is_name(tree, sides.back());
    if (exact) sides.push_back(tree.kid(node, i + 1));
  }
  if (sides.size() == 1) return sides[0];
  if (sides.size() == static_cast<std::size_t>(count) && count == 2 && tree.sign(node, 0) == Relation::kEqual)
    return node;
  std::vector<NodeId> ends = {sides.front(), sides.back()};
  return tree.relation(ends, 0, {Relation::kEqual});
}

std::optional<Assignment> assignment(const Tree& tree, NodeId node) {
  if (!tree.is(node, Kind::kRelation) || tree[node].count != 2) return std::nullopt;
  const NodeId left = tree.kid(node, 0), right = tree.kid(node, 1);
  if (tree.sign(node, 0) == Relation::kIn) return Assignment{left, right};
  if (tree.sign(node, 0) != Relation::kEqual) return std::nullopt;
  if (is_name(tree, left)) return Assignment{left, right};
  if (is_constant(tree, left) && tree.is(right, Kind::kName)) return Assignment{right, left};
  if (is_constant(tree, left) || tree.is(left, Kind::kOpaque)) return Assignment{std::nullopt, right};
  return std::nullopt;
}

bool same_name(const Tree& tree, NodeId a, NodeId b) {
  if (tree.same(a, b)) return true;
  const auto is_y = [&](NodeId node) { return tree.is(node, Kind::kName) && tree.name(node) == "y"; };
  return (is_call(tree, a) && (is_call(tree, b) || is_y(b))) || (is_y(a) && is_call(tree, b));
}

bool same_relation(Tree& tree, NodeId a, NodeId b) {
  if (tree[a].count != 2 || tree[b].count != 2) return false;
  for (const NodeId side : {tree.kid(a, 0), tree.kid(a, 1), tree.kid(b, 0), tree.kid(b, 1)}) {
    if (!is_scalar(tree, side)) return false;
  }
  const auto kind = [&](NodeId node) {
    const Relation sign = tree.sign(node, 0);
    if (sign == Relation::kGreater) return Relation::kLess;
    return sign == Relation::kGreaterEqual ? Relation::kLessEqual : sign;
  };
  if (kind(a) != kind(b)) return false;
  const auto turned = [&](NodeId node) { return kind(node) != tree.sign(node, 0); };
  const NodeId da = turned(a) ? difference(tree, tree.kid(a, 1), tree.kid(a, 0))
                              : difference(tree, tree.kid(a, 0), tree.kid(a, 1));
  const NodeId db = turned(b) ? difference(tree, tree.kid(b, 1), tree.kid(b, 0))
                              : difference(tree, tree.kid(b, 0), tree.kid(b, 1));
  const int sign = proportional(tree, da, db);
  const bool ordered = kind(a) == Relation::kLess || kind(a) == Relation::kLessEqual;
  return ordered ? sign > 0 : sign != 0;
}

}  // namespace tempo::reward::math
