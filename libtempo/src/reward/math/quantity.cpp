// Single values: quantities, tuples, matrices, ratios and times, numbers in a base.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "comparison.h"
#include "interval.h"
#include "scalar.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

// "P(3, 4)" is the point.
bool names_point(const Tree& tree, NodeId node) {
  if (!tree.is(node, Kind::kMultiply) || tree[node].count != 2 || !tree.is(tree.kid(node, 1), Kind::kTuple))
    return false;
  const NodeId name = tree.kid(node, 0);
  return tree.is(name, Kind::kName) && tree.name(name).size() == 1 && tree.name(name)[0] <= 'Z';
}

// Returns a unit's one name, or nothing for words that are no known unit.
string_view known_unit(string_view unit) {
  constexpr std::array<std::pair<string_view, string_view>, 44> kUnits = {
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
       {"cent", "cent"}, {"dollars", "$"},      {"dollar", "$"},
       {"am", "am"},     {"pm", "pm"}}};
  const string_view word = unit.substr(0, unit.find_first_of("^0123456789/"));
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& pair) { return pair.first == word; });
  return found == kUnits.end() ? string_view{} : found->second;
}

bool conflict(string_view a, string_view b) {
  const string_view x = known_unit(a), y = known_unit(b);
  return !x.empty() && !y.empty() && x != y;
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

}  // namespace

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
    } else if (names_point(tree, result.node)) {
      result.node = tree.kid(result.node, 1);
      break;
    } else {
      break;
    }
    result.node = tree.kid(result.node, 0);
  }
  return result;
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

bool Comparison::based(NodeId a, NodeId b) {
  if (tree_.is(a, Kind::kNegate) && tree_.is(b, Kind::kNegate))
    return equal(tree_.kid(a, 0), tree_.kid(b, 0));
  if (!tree_.is(a, Kind::kBase) || !tree_.is(b, Kind::kBase)) return false;
  const auto x = based_value(tree_, a), y = based_value(tree_, b);
  return x && y && *x == *y;
}

}  // namespace tempo::reward::math
