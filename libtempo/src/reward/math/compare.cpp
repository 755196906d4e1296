#include "compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "equation.h"
#include "interval.h"
#include "scalar.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;
using Nodes = std::vector<NodeId>;

// A quantity and what stands around its value.
struct Bare {
  NodeId node;
  bool percent = false;
  bool degree = false;
  string_view unit;
};

Bare bare(const Tree& tree, NodeId node) {
  Bare result{node, false, false, {}};
  for (;;) {
    const Kind kind = tree[result.node].kind;
    if (kind == Kind::kUnit) {
      if (result.unit.empty()) result.unit = tree.name(result.node);
    } else if (kind == Kind::kPercent) {
      result.percent = true;
    } else if (kind == Kind::kDegree) {
      result.degree = true;
    } else {
      break;
    }
    result.node = tree.kid(result.node, 0);
  }
  return result;
}

// Returns a unit's one name, or nothing for words that are no known unit.
string_view known_unit(string_view unit) {
  constexpr std::array<std::pair<string_view, string_view>, 42> kUnits = {
      {{"cm", "cm"},     {"centimeters", "cm"}, {"centimeter", "cm"},
       {"mm", "mm"},     {"millimeters", "mm"}, {"m", "m"},
       {"meters", "m"},  {"meter", "m"},        {"metres", "m"},
       {"km", "km"},     {"kilometers", "km"},  {"kilometer", "km"},
       {"inches", "in"}, {"inch", "in"},        {"in", "in"},
       {"feet", "ft"},   {"foot", "ft"},        {"ft", "ft"},
       {"yards", "yd"},  {"yard", "yd"},        {"miles", "mi"},
       {"mile", "mi"},   {"seconds", "s"},      {"second", "s"},
       {"sec", "s"},     {"minutes", "min"},    {"minute", "min"},
       {"min", "min"},   {"hours", "h"},        {"hour", "h"},
       {"hr", "h"},      {"days", "d"},         {"day", "d"},
       {"weeks", "w"},   {"week", "w"},         {"grams", "g"},
       {"kg", "kg"},     {"kilograms", "kg"},   {"cents", "cent"},
       {"cent", "cent"}, {"dollars", "$"},      {"dollar", "$"}}};
  const string_view word = unit.substr(0, unit.find_first_of("^0123456789/"));
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& pair) { return pair.first == word; });
  return found == kUnits.end() ? string_view{} : found->second;
}

bool conflict(string_view a, string_view b) {
  const string_view x = known_unit(a), y = known_unit(b);
  return !x.empty() && !y.empty() && x != y;
}

class Comparison {
 public:
  Comparison(Tree& tree, double tolerance) : tree_(tree), tolerance_(tolerance) {}

  bool equal(NodeId a, NodeId b);

 private:
  bool single(NodeId a, NodeId b);
  bool bare_equal(const Bare& a, const Bare& b);
  bool quantities(const Bare& a, const Bare& b);
  bool relations(NodeId a, NodeId b);
  bool inequalities(NodeId a, NodeId b);
  bool real_sets(NodeId a, NodeId b);
  bool ends(const std::optional<NodeId>& a, const std::optional<NodeId>& b);
  bool matched(const Nodes& a, const Nodes& b);
  bool in_order(const Nodes& a, const Nodes& b);
  bool tuples(NodeId a, NodeId b);
  bool matrices(NodeId a, NodeId b);
  bool colons(NodeId a, NodeId b);
  bool based(NodeId a, NodeId b);
  Nodes items(NodeId node);
  void add_items(NodeId node, Nodes& items);
  void without_names(Nodes& items);
  void drop_repeats(Nodes& items);
  NodeId signed_copy(NodeId node, bool plus);
  bool is_several(NodeId node) const;

  Tree& tree_;
  double tolerance_;
};

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
  return matched(x, y);
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

bool Comparison::bare_equal(const Bare& a, const Bare& b) {
  if (conflict(a.unit, b.unit)) return false;
  if (tree_.same(a.node, b.node)) return true;
  const Kind x = tree_[a.node].kind, y = tree_[b.node].kind;
  if (infinity_sign(tree_, a.node) != 0 || infinity_sign(tree_, b.node) != 0)
    return infinity_sign(tree_, a.node) == infinity_sign(tree_, b.node);
  if (x == Kind::kColon || y == Kind::kColon) return colons(a.node, b.node);
  if (x == Kind::kBase || y == Kind::kBase) return based(a.node, b.node);
  if (x == Kind::kMatrix || y == Kind::kMatrix) return matrices(a.node, b.node);
  if (x == Kind::kTuple && y == Kind::kTuple) return tuples(a.node, b.node);
  if (x == Kind::kRelation && y == Kind::kRelation) return relations(a.node, b.node);
  if (is_several(a.node) && is_several(b.node)) return equal(a.node, b.node);
  const bool scalars = is_scalar(tree_, a.node) && is_scalar(tree_, b.node);
  if (scalars) return quantities(a, b);
  if (x != y || tree_[a.node].count == 0 || tree_[a.node].data != tree_[b.node].data) return false;
  return in_order(tree_.kids(a.node), tree_.kids(b.node));
}

bool Comparison::quantities(const Bare& a, const Bare& b) {
  if (equal_scalars(tree_, a.node, b.node, tolerance_)) return true;
  if (a.percent != b.percent) {
    // The percent sign may be left out, or be a hundredth; without one on either side 28 is not 0.28.
    const auto hundredth = [&](const Bare& side) {
      return side.percent ? tree_.add(Kind::kPercent, {side.node}) : side.node;
    };
    if (equal_scalars(tree_, hundredth(a), hundredth(b), tolerance_)) return true;
  }
  if (a.degree != b.degree) {
    const auto radians = [&](const Bare& side) {
      if (!side.degree) return side.node;
      const NodeId pi = tree_.add(Kind::kConstant, {}, static_cast<std::int32_t>(Constant::kPi));
      const NodeId half = tree_.add(Kind::kInverse, {tree_.number(180)});
      return tree_.add(Kind::kMultiply, {side.node, pi, half});
    };
    if (equal_scalars(tree_, radians(a), radians(b), tolerance_)) return true;
  }
  return false;
}

bool Comparison::tuples(NodeId a, NodeId b) {
  // Brackets tell intervals apart; longer tuples are vectors however they are written.
  const bool pair = tree_[a].count == 2;
  if (pair && (tree_[a].open != tree_[b].open || tree_[a].close != tree_[b].close)) {
    const bool infinite =
        infinity_sign(tree_, tree_.kid(a, 0)) != 0 || infinity_sign(tree_, tree_.kid(a, 1)) != 0;
    return infinite && real_sets(a, b);
  }
  return in_order(tree_.kids(a), tree_.kids(b));
}

bool Comparison::matrices(NodeId a, NodeId b) {
  if (tree_.is(a, Kind::kMatrix) && tree_.is(b, Kind::kMatrix)) {
    if (tree_[a].data != tree_[b].data) {
      const bool vectors = (tree_[a].data == 1 || tree_[a].data == tree_[a].count) &&
                           (tree_[b].data == 1 || tree_[b].data == tree_[b].count);
      if (!vectors) return false;
    }
    return in_order(tree_.kids(a), tree_.kids(b));
  }
  const bool first = tree_.is(a, Kind::kMatrix);
  const NodeId matrix = first ? a : b, other = first ? b : a;
  const bool vector = tree_[matrix].data == 1 || tree_[matrix].data == tree_[matrix].count;
  if (!tree_.is(other, Kind::kTuple)) {
    return tree_[matrix].count == 1 && equal(tree_.kid(matrix, 0), other);
  }
  if (vector) return in_order(tree_.kids(a), tree_.kids(b));
  // "[[1, 2], [3, 4]]" is a matrix by rows.
  Nodes entries;
  for (const NodeId row : tree_.kids(other)) {
    if (!tree_.is(row, Kind::kTuple) || tree_[row].count != tree_[matrix].data) return false;
    for (const NodeId entry : tree_.kids(row)) entries.push_back(entry);
  }
  return in_order(first ? tree_.kids(a) : entries, first ? entries : tree_.kids(b));
}

// Times and ratios: seconds of zero may be left out, and a : b is also the quotient.
bool Comparison::colons(NodeId a, NodeId b) {
  const auto parts = [&](NodeId node) {
    Nodes kids = tree_.is(node, Kind::kColon) ? tree_.kids(node) : Nodes{node};
    const auto zero = [&](NodeId kid) {
      return tree_.is(kid, Kind::kNumber) && tree_.value(kid).sign() == 0;
    };
    if (kids.size() == 3 && zero(kids.back())) kids.pop_back();
    return kids;
  };
  const Nodes x = parts(a), y = parts(b);
  if (x.size() == y.size()) return in_order(x, y);
  const auto quotient = [&](const Nodes& kids) {
    return kids.size() == 1 ? kids[0]
                            : tree_.add(Kind::kMultiply, {kids[0], tree_.add(Kind::kInverse, {kids[1]})});
  };
  if (x.size() + y.size() != 3) return false;
  return is_scalar(tree_, x[0]) && is_scalar(tree_, y[0]) && is_scalar(tree_, x.back()) &&
         is_scalar(tree_, y.back()) && equal_scalars(tree_, quotient(x), quotient(y), 0);
}

// Returns the value of the digits in the base, nothing where a digit is too large.
std::optional<Rational> based_value(const Tree& tree, NodeId node) {
  const Rational& written = tree.value(tree.kid(node, 0));
  if (!written.is_integer()) return std::nullopt;
  const std::string digits = written.whole_digits();
  Rational value(0);
  for (const char digit : digits) {
    if (digit == '-') continue;
    if (digit - '0' >= tree[node].data) return std::nullopt;
    value = add(multiply(value, tree[node].data, tree.budget), digit - '0', tree.budget);
  }
  return digits[0] == '-' ? negated(value) : value;
}

bool Comparison::based(NodeId a, NodeId b) {
  if (tree_.is(a, Kind::kNegate) && tree_.is(b, Kind::kNegate))
    return equal(tree_.kid(a, 0), tree_.kid(b, 0));
  if (!tree_.is(a, Kind::kBase) || !tree_.is(b, Kind::kBase)) return false;
  const auto x = based_value(tree_, a), y = based_value(tree_, b);
  return x && y && *x == *y;
}

}  // namespace

bool equal_answers(Tree& tree, NodeId gold, NodeId answer, double relative_tolerance) {
  return Comparison(tree, relative_tolerance).equal(gold, answer);
}

}  // namespace tempo::reward::math
