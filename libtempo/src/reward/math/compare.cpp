#include "compare.h"

#include <algorithm>

#include "comparison.h"
#include "equation.h"
#include "interval.h"

namespace tempo::reward::math {

using std::size_t;

bool Comparison::is_several(NodeId node) const {
  const Kind kind = tree_[node].kind;
  if (kind == Kind::kList || kind == Kind::kSet) return true;
  if (kind == Kind::kUnion) {
    for (const NodeId kid : tree_.kids(node)) {
      if (!tree_.is(kid, Kind::kSet)) return false;
    }
    return true;
  }
  return tree_.contains(node, Kind::kPlusMinus) || tree_.contains(node, Kind::kMinusPlus);
}

// Returns the node with every plus-minus resolved to one sign.
NodeId Comparison::signed_copy(NodeId node, bool plus) {
  tree_.budget.spend(1);
  const Kind kind = tree_[node].kind;
  if (kind == Kind::kPlusMinus || kind == Kind::kMinusPlus) {
    const NodeId kid = signed_copy(tree_.kid(node, 0), plus);
    return (kind == Kind::kPlusMinus) == plus ? kid : tree_.add(Kind::kNegate, {kid});
  }
  if (tree_[node].count == 0) return node;
  Nodes kids = tree_.kids(node);
  for (NodeId& kid : kids) kid = signed_copy(kid, plus);
  return tree_.with_kids(node, kids);
}

void Comparison::add_items(NodeId node, Nodes& items) {
  const bool both = !tree_.is(node, Kind::kList) && !tree_.is(node, Kind::kSet) &&
                    (tree_.contains(node, Kind::kPlusMinus) || tree_.contains(node, Kind::kMinusPlus));
  if (both) {
    for (const bool plus : {true, false}) items.push_back(signed_copy(node, plus));
  } else if (is_several(node)) {
    for (const NodeId kid : tree_.kids(node)) add_items(kid, items);
  } else {
    const NodeId core = bare(tree_, node).node;
    const auto named = assignment(tree_, shortened(tree_, node));
    // "x = {1, 2}" and "n = 2, 3 and 4" in braces.
    if (named && is_several(named->value)) {
      add_items(named->value, items);
    } else {
      items.push_back(core == node ? node : is_several(core) ? core : node);
    }
  }
}

Nodes Comparison::items(NodeId node) {
  Nodes all;
  add_items(node, all);
  if (all.size() == 1) split_assignment(all);
  without_names(all);
  return all;
}

// "a = 4, -8, -10" and "(x, y) = (5, 8) and (8, 5)" are lists of values of one name.
void Comparison::without_names(Nodes& items) {
  if (items.size() < 2) return;
  std::optional<NodeId> name;
  for (NodeId& item : items) {
    item = shortened(tree_, item);
    const auto named = assignment(tree_, item);
    if (!named) {
      if (tree_.is(item, Kind::kRelation) || !name) return;
      continue;
    }
    if (!named->name || (name && !tree_.same(*name, *named->name))) return;
    name = named->name;
  }
  for (NodeId& item : items) {
    if (const auto named = assignment(tree_, item)) item = named->value;
  }
}

// "(x, y) = (3, 4)" is "x = 3, y = 4".
void Comparison::split_assignment(Nodes& items) {
  const auto named = assignment(tree_, shortened(tree_, items[0]));
  if (!named || !named->name || !tree_.is(*named->name, Kind::kTuple) ||
      !tree_.is(named->value, Kind::kTuple))
    return;
  const Nodes names = tree_.kids(*named->name), values = tree_.kids(named->value);
  if (names.size() != values.size()) return;
  items.clear();
  for (size_t i = 0; i < names.size(); ++i) {
    Nodes sides = {names[i], values[i]};
    items.push_back(tree_.relation(sides, 0, {Relation::kEqual}));
  }
}

// Whether the items give different names the values of the tuple, in order: "x = 3, y = 4" and "(3, 4)".
bool Comparison::named_tuple(const Nodes& items, NodeId tuple) {
  if (!tree_.is(tuple, Kind::kTuple)) return false;
  const Nodes values = tree_.kids(tuple);
  if (values.size() != items.size() || tree_[tuple].open != '(' || tree_[tuple].close != ')') return false;
  for (size_t i = 0; i < items.size(); ++i) {
    const auto named = assignment(tree_, shortened(tree_, items[i]));
    if (!named || !named->name || !equal(named->value, values[i])) return false;
  }
  return true;
}

// "p = 5, q = 2; p = 7, q = 2" is a list of two tuples.
Nodes Comparison::grouped(const Nodes& items) {
  Nodes names, values;
  for (const NodeId item : items) {
    const auto named = assignment(tree_, shortened(tree_, item));
    if (!named || !named->name) return items;
    names.push_back(*named->name);
    values.push_back(named->value);
  }
  size_t period = 1;
  while (period < names.size() && !tree_.same(names[0], names[period])) ++period;
  if (period < 2 || period == names.size() || names.size() % period != 0) return items;
  for (size_t i = period; i < names.size(); ++i) {
    if (!tree_.same(names[i], names[i % period])) return items;
  }
  Nodes tuples;
  for (size_t i = 0; i < values.size(); i += period) {
    Nodes row(values.begin() + static_cast<std::ptrdiff_t>(i),
              values.begin() + static_cast<std::ptrdiff_t>(i + period));
    tuples.push_back(tree_.retag(tree_.add_from(Kind::kTuple, row, 0), Kind::kTuple, '(', ')'));
  }
  return tuples;
}

void Comparison::drop_repeats(Nodes& items) {
  Nodes once;
  for (const NodeId item : items) {
    const bool seen =
        std::any_of(once.begin(), once.end(), [&](NodeId other) { return single(item, other); });
    if (!seen) once.push_back(item);
  }
  items = std::move(once);
}

bool Comparison::matched(const Nodes& a, const Nodes& b) {
  if (a.size() != b.size()) return false;
  std::vector<bool> used(b.size(), false);
  for (const NodeId item : a) {
    bool found = false;
    for (size_t i = 0; i < b.size() && !found; ++i) {
      if (used[i] || !equal(item, b[i])) continue;
      used[i] = found = true;
    }
    if (!found) return false;
  }
  return true;
}

bool Comparison::in_order(const Nodes& a, const Nodes& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!equal(a[i], b[i])) return false;
  }
  return true;
}

bool Comparison::equal(NodeId a, NodeId b) {
  tree_.budget.spend(1);
  if (tree_.same(a, b)) return true;
  a = shortened(tree_, a);
  b = shortened(tree_, b);
  const Kind ka = tree_[a].kind, kb = tree_[b].kind;
  const bool both_tuples = ka == Kind::kTuple && kb == Kind::kTuple;
  if (!both_tuples && (is_real_set(tree_, a) || is_real_set(tree_, b)) && real_sets(a, b)) return true;
  if (!is_several(a) && !is_several(b)) return single(a, b);
  Nodes x = items(a), y = items(b);
  // A list beside a named single value, as in "x = 1, 2" and "{1, 2}", keeps no names.
  const bool as_sets = ka == Kind::kSet || kb == Kind::kSet;
  if (as_sets) {
    drop_repeats(x);
    drop_repeats(y);
  }
  if (x.size() == 1 && y.size() == 1) return single(x[0], y[0]);
  if ((x.size() == 1 && named_tuple(y, x[0])) || (y.size() == 1 && named_tuple(x, y[0]))) return true;
  if (matched(x, y)) return true;
  const Nodes p = grouped(x), q = grouped(y);
  return (p.size() != x.size() || q.size() != y.size()) && matched(p, q);
}

bool Comparison::single(NodeId a, NodeId b) {
  a = shortened(tree_, a);
  b = shortened(tree_, b);
  const bool ra = tree_.is(a, Kind::kRelation), rb = tree_.is(b, Kind::kRelation);
  if (ra && rb) return relations(a, b);
  if (ra || rb) {
    const auto named = assignment(tree_, ra ? a : b);
    if (!named) return false;
    return ra ? equal(named->value, b) : equal(a, named->value);
  }
  return bare_equal(bare(tree_, a), bare(tree_, b));
}

bool Comparison::relations(NodeId a, NodeId b) {
  const auto x = assignment(tree_, a), y = assignment(tree_, b);
  if (x && y) {
    const bool same = !x->name || !y->name || same_name(tree_, *x->name, *y->name);
    if (same && equal(x->value, y->value)) return true;
  }
  if (is_inequality(tree_, a) || is_inequality(tree_, b)) return inequalities(a, b);
  const Nodes p = tree_.kids(a), q = tree_.kids(b);
  for (std::int32_t i = 0; i + 1 < tree_[a].count; ++i) {
    if (p.size() != q.size() || tree_.sign(a, i) != tree_.sign(b, i)) return same_relation(tree_, a, b);
  }
  return same_relation(tree_, a, b) || in_order(p, q);
}

bool Comparison::inequalities(NodeId a, NodeId b) {
  if (real_sets(a, b)) return true;
  const Nodes x = tree_.kids(a);
  Nodes y = tree_.kids(b);
  if (x.size() != y.size()) return false;
  const auto last = static_cast<std::int32_t>(x.size()) - 2;
  const auto turned = [](Relation sign) {
    switch (sign) {
      case Relation::kLess:
        return Relation::kGreater;
      case Relation::kLessEqual:
        return Relation::kGreaterEqual;
      case Relation::kGreater:
        return Relation::kLess;
      case Relation::kGreaterEqual:
        return Relation::kLessEqual;
      default:
        return sign;
    }
  };
  bool same = true, reversed = true;
  for (std::int32_t i = 0; i <= last; ++i) {
    same = same && tree_.sign(a, i) == tree_.sign(b, i);
    reversed = reversed && tree_.sign(a, i) == turned(tree_.sign(b, last - i));
  }
  if (same && in_order(x, y)) return true;
  std::reverse(y.begin(), y.end());
  if (reversed && in_order(x, y)) return true;
  return same_relation(tree_, a, b);
}

bool Comparison::ends(const std::optional<NodeId>& a, const std::optional<NodeId>& b) {
  if (!a || !b) return !a && !b;
  return bare_equal(bare(tree_, *a), bare(tree_, *b));
}

bool Comparison::real_sets(NodeId a, NodeId b) {
  const auto x = real_set(tree_, a);
  const auto y = x ? real_set(tree_, b) : std::nullopt;
  if (!x || !y || x->parts.size() != y->parts.size()) return false;
  if (x->name && y->name && !tree_.same(*x->name, *y->name)) return false;
  std::vector<bool> used(y->parts.size(), false);
  for (const Interval& part : x->parts) {
    bool found = false;
    for (size_t i = 0; i < used.size() && !found; ++i) {
      const Interval& other = y->parts[i];
      if (used[i] || part.low_closed != other.low_closed || part.high_closed != other.high_closed) continue;
      if (!ends(part.low, other.low) || !ends(part.high, other.high)) continue;
      used[i] = found = true;
    }
    if (!found) return false;
  }
  return true;
}

bool equal_answers(Tree& tree, NodeId gold, NodeId answer, double relative_tolerance) {
  return Comparison(tree, relative_tolerance).equal(gold, answer);
}

}  // namespace tempo::reward::math
