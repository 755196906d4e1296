#include "interval.h"

#include <algorithm>

#include "scalar.h"

namespace tempo::reward::math {
namespace {

using Parts = std::vector<Interval>;

// Where an interval ends, for sorting.
constexpr double kFar = 1e301;

double position(const Tree& tree, const std::optional<NodeId>& end, double infinite) {
  if (!end) return infinite;
  return constant_value(tree, *end).value_or(0);
}

bool is_constant(const Tree& tree, NodeId node) {
  return infinity_sign(tree, node) != 0 || (is_scalar(tree, node) && !tree.contains(node, Kind::kName));
}

std::optional<NodeId> end_of(const Tree& tree, NodeId node) {
  if (infinity_sign(tree, node) != 0) return std::nullopt;
  return node;
}

std::optional<RealSet> from_tuple(const Tree& tree, NodeId node) {
  if (tree[node].count != 2) return std::nullopt;
  const NodeId low = tree.kid(node, 0), high = tree.kid(node, 1);
  const bool ends = (is_scalar(tree, low) || infinity_sign(tree, low) < 0) &&
                    (is_scalar(tree, high) || infinity_sign(tree, high) > 0);
  if (!ends) return std::nullopt;
  Interval part{end_of(tree, low), end_of(tree, high), tree[node].open == '[', tree[node].close == ']'};
  part.low_closed = part.low_closed && part.low;
  part.high_closed = part.high_closed && part.high;
  return RealSet{{part}, std::nullopt};
}

struct Bound {
  NodeId end;
  bool upper;
  bool closed;
};

// Returns what "left sign right" says about a name on either side.
std::optional<std::pair<NodeId, Bound>> bound(const Tree& tree, NodeId left, Relation sign, NodeId right) {
  const bool name_left = tree.is(left, Kind::kName) && is_constant(tree, right);
  const bool name_right = tree.is(right, Kind::kName) && is_constant(tree, left);
  if (!name_left && !name_right) return std::nullopt;
  const bool smaller = sign == Relation::kLess || sign == Relation::kLessEqual;
  const bool closed = sign == Relation::kLessEqual || sign == Relation::kGreaterEqual;
  return std::pair{name_left ? left : right, Bound{name_left ? right : left, smaller == name_left, closed}};
}

void apply(const Tree& tree, Interval& part, const Bound& bound) {
  auto& end = bound.upper ? part.high : part.low;
  auto& closed = bound.upper ? part.high_closed : part.low_closed;
  end = end_of(tree, bound.end);
  closed = bound.closed && end.has_value();
}

std::optional<RealSet> from_relation(Tree& tree, NodeId node) {
  const auto sides = tree.kids(node);
  if (tree.sign(node, 0) == Relation::kNotEqual && sides.size() == 2 && tree.is(sides[0], Kind::kName) &&
      is_constant(tree, sides[1])) {
    return RealSet{{{std::nullopt, sides[1], false, false}, {sides[1], std::nullopt, false, false}},
                   sides[0]};
  }
  if (!is_inequality(tree, node) || sides.size() > 3) return std::nullopt;
  RealSet set{{{}}, std::nullopt};
  for (std::size_t i = 0; i + 1 < sides.size(); ++i) {
    const Relation sign = tree.sign(node, static_cast<std::int32_t>(i));
    if (sign == Relation::kNotEqual) return std::nullopt;
    const auto found = bound(tree, sides[i], sign, sides[i + 1]);
    if (!found) return std::nullopt;
    set.name = found->first;
    apply(tree, set.parts[0], found->second);
  }
  return set;
}

void sort(const Tree& tree, Parts& parts) {
  std::stable_sort(parts.begin(), parts.end(), [&](const Interval& a, const Interval& b) {
    return position(tree, a.low, -kFar) < position(tree, b.low, -kFar);
  });
}

// Merges neighbours that touch at a point that either holds.
void merge(Tree& tree, Parts& parts) {
  sort(tree, parts);
  Parts merged;
  for (const auto& part : parts) {
    Interval* last = merged.empty() ? nullptr : &merged.back();
    const bool touches = last != nullptr && last->high && part.low &&
                         (last->high_closed || part.low_closed) &&
                         equal_scalars(tree, *last->high, *part.low, 0);
    if (touches) {
      last->high = part.high;
      last->high_closed = part.high_closed;
    } else {
      merged.push_back(part);
    }
  }
  parts = std::move(merged);
}

std::optional<RealSet> joined(Tree& tree, const std::vector<NodeId>& nodes) {
  RealSet all;
  for (const NodeId node : nodes) {
    const auto set = real_set(tree, node);
    if (!set) return std::nullopt;
    if (all.name && set->name && !tree.same(*all.name, *set->name)) return std::nullopt;
    if (set->name) all.name = set->name;
    all.parts.insert(all.parts.end(), set->parts.begin(), set->parts.end());
  }
  merge(tree, all.parts);
  return all;
}

// Two inequalities that hold both: the inner ends.
std::optional<RealSet> met(Tree& tree, const std::vector<NodeId>& nodes) {
  std::optional<RealSet> all;
  for (const NodeId node : nodes) {
    const auto set = real_set(tree, node);
    if (!set || set->parts.size() != 1) return std::nullopt;
    if (!all) {
      all = set;
      continue;
    }
    if (all->name && set->name && !tree.same(*all->name, *set->name)) return std::nullopt;
    Interval& inner = all->parts[0];
    const Interval& other = set->parts[0];
    if (position(tree, other.low, -kFar) > position(tree, inner.low, -kFar)) {
      inner.low = other.low;
      inner.low_closed = other.low_closed;
    }
    if (position(tree, other.high, kFar) < position(tree, inner.high, kFar)) {
      inner.high = other.high;
      inner.high_closed = other.high_closed;
    }
  }
  return all;
}

// Takes the points of a finite set out.
std::optional<RealSet> without(Tree& tree, NodeId whole, NodeId points) {
  auto set = real_set(tree, whole);
  if (!set || !tree.is(points, Kind::kSet)) return std::nullopt;
  for (const NodeId point : tree.kids(points)) {
    const auto at = constant_value(tree, point);
    if (!at) return std::nullopt;
    Parts parts;
    for (const auto& part : set->parts) {
      const double low = position(tree, part.low, -kFar), high = position(tree, part.high, kFar);
      const bool inside = low < *at && *at < high;
      if (!inside) {
        parts.push_back(part);
        continue;
      }
      parts.push_back({part.low, point, part.low_closed, false});
      parts.push_back({point, part.high, false, part.high_closed});
    }
    set->parts = std::move(parts);
  }
  return set;
}

}  // namespace

int infinity_sign(const Tree& tree, NodeId node) {
  if (tree.is(node, Kind::kInfinity)) return 1;
  if (tree.is(node, Kind::kNegate)) return -infinity_sign(tree, tree.kid(node, 0));
  return 0;
}

bool is_inequality(const Tree& tree, NodeId relation) {
  if (!tree.is(relation, Kind::kRelation)) return false;
  for (std::int32_t i = 0; i + 1 < tree[relation].count; ++i) {
    const Relation sign = tree.sign(relation, i);
    if (sign < Relation::kLess || sign > Relation::kNotEqual) return false;
  }
  return true;
}

bool is_real_set(const Tree& tree, NodeId node) {
  switch (tree[node].kind) {
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference:
      return true;
    case Kind::kRelation:
      return is_inequality(tree, node);
    case Kind::kTuple:
      return tree[node].count == 2 &&
             ((tree[node].open == '(') != (tree[node].close == ')') ||
              infinity_sign(tree, tree.kid(node, 0)) != 0 || infinity_sign(tree, tree.kid(node, 1)) != 0);
    case Kind::kList:
      for (std::int32_t i = 0; i < tree[node].count; ++i) {
        if (!is_real_set(tree, tree.kid(node, i))) return false;
      }
      return tree[node].open != ',';
    case Kind::kName:
      return tree.name(node) == "R";
    default:
      return false;
  }
}

std::optional<RealSet> real_set(Tree& tree, NodeId node) {
  tree.budget.spend(1);
  switch (tree[node].kind) {
    case Kind::kTuple:
      return from_tuple(tree, node);
    case Kind::kRelation:
      if (tree.sign(node, 0) == Relation::kIn && tree[node].count == 2) {
        auto set = real_set(tree, tree.kid(node, 1));
        if (set) set->name = tree.kid(node, 0);
        return set;
      }
      return from_relation(tree, node);
    case Kind::kUnion:
      return joined(tree, tree.kids(node));
    case Kind::kIntersection:
      return met(tree, tree.kids(node));
    case Kind::kDifference:
      return without(tree, tree.kid(node, 0), tree.kid(node, 1));
    case Kind::kList:
      if (tree[node].open == ',') return std::nullopt;
      return tree[node].open == '|' ? joined(tree, tree.kids(node)) : met(tree, tree.kids(node));
    case Kind::kSet: {
      RealSet points;
      for (const NodeId kid : tree.kids(node)) {
        if (!is_constant(tree, kid)) return std::nullopt;
        points.parts.push_back({kid, kid, true, true});
      }
      return points;
    }
    case Kind::kName:
      if (tree.name(node) != "R") return std::nullopt;
      return RealSet{{{}}, std::nullopt};
    default:
      return std::nullopt;
  }
}

}  // namespace tempo::reward::math
