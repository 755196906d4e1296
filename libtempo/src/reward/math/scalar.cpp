#include "scalar.h"

#include <array>

#include "exact.h"
#include "numeric.h"

namespace tempo::reward::math {
namespace {

constexpr int kPoints = 30;      // at which expressions in names are compared
constexpr int kExactPoints = 5;  // by exact arithmetic, where a polynomial of degree d errs with (d/900)^5
constexpr int kEnough = 5;       // points at which both sides must be defined

// A step of the splitmix64 generator, whose values depend on `at` alone.
std::uint64_t scrambled(std::uint64_t at) {
  std::uint64_t x = at * 0x9e3779b97f4a7c15ULL + 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Returns values of the names: large whole numbers for exact arithmetic, else fractions around 1. The first
// points are positive, where most roots and logarithms are defined; later ones have any sign.
Point point_of(const Tree& tree, int index, bool exact) {
  Point point;
  point.reserve(tree.names());
  for (std::size_t name = 0; name < tree.names(); ++name) {
    const std::uint64_t random =
        scrambled(static_cast<std::uint64_t>(index) * 7919 + name + (exact ? 0x10000 : 0));
    const bool negative = index % 3 == 2 || (index % 3 == 1 && (random >> 60) % 2 == 1);
    auto value = static_cast<std::int64_t>(exact ? 3 + random % 900 : 5 + random % 93);
    value = negative ? -value : value;
    Rational shared(value);
    if (!exact) shared = divide(shared, 31 + 2 * static_cast<std::int64_t>((random >> 32) % 9), tree.budget);
    point.push_back(std::move(shared));
  }
  return point;
}

template <class Real>
double distance(const Ball<Real>& a, const Ball<Real>& b) {
  return size(a + -b);
}

// What comparing at one point says.
enum class Said { kNothing, kSame, kDifferent };

template <class Real>
Said compared(const Ball<Real>& a, const Ball<Real>& b) {
  if (!a.valid || !b.valid) return Said::kNothing;
  const double error = 8 * (a.radius + b.radius) + 8 * (size(a) + size(b)) * kRounding<Real>;
  if (distance(a, b) > error) return Said::kDifferent;
  // Only a value known this well is taken for equal.
  return error < 1e-9 || error < 1e-30 * size(a) ? Said::kSame : Said::kNothing;
}

struct Tally {
  int same = 0;
  bool different = false;
};

// The two sides of a comparison.
struct Pair {
  Tree& tree;
  NodeId a;
  NodeId b;
  bool named;  // names stand in either
  bool decimal_log;
};

template <class Real>
Tally compare_at_points(const Pair& pair, bool complex, int points) {
  Tally tally;
  for (int i = 0; i < (pair.named ? points : 1) && tally.same < 2 * kEnough; ++i) {
    const Point point = pair.named ? point_of(pair.tree, i, false) : Point{};
    const auto a = numeric_value<Real>(pair.tree, pair.a, point, pair.decimal_log);
    const auto b = numeric_value<Real>(pair.tree, pair.b, point, pair.decimal_log);
    if (pair.named && !complex && (a.left_reals || b.left_reals)) continue;
    const Said said = compared(a.value, b.value);
    if (said == Said::kDifferent) return {0, true};
    tally.same += said == Said::kSame ? 1 : 0;
  }
  return tally;
}

enum class Exactly { kUnknown, kSame, kDifferent };

Exactly compare_exactly(const Pair& pair) {
  int compared_at = 0;
  for (int i = 0; i < (pair.named ? 3 * kExactPoints : 1) && compared_at < kExactPoints; ++i) {
    const Point point = pair.named ? point_of(pair.tree, i, true) : Point{};
    const Point* at = pair.named ? &point : nullptr;
    try {
      const auto a = exact_value(pair.tree, pair.a, at);
      const auto b = a ? exact_value(pair.tree, pair.b, at) : std::nullopt;
      if (!a || !b) return Exactly::kUnknown;
      if (!(*a == *b)) return Exactly::kDifferent;
      ++compared_at;
    } catch (const NotDecided&) {
      pair.tree.budget.spend(1);
      if (!pair.named) return Exactly::kUnknown;
    }
  }
  return compared_at >= (pair.named ? 3 : 1) ? Exactly::kSame : Exactly::kUnknown;
}

bool numerically_equal(const Pair& pair) {
  if (compare_at_points<double>(pair, false, kPoints).different) return false;
  if (pair.named) {
    const Exactly exactly = compare_exactly(pair);
    if (exactly != Exactly::kUnknown) return exactly == Exactly::kSame;
  }
  const Tally real = compare_at_points<Wide>(pair, false, kPoints);
  if (real.different) return false;
  if (real.same >= (pair.named ? kEnough : 1)) return true;
  if (pair.named) {
    const Tally complex = compare_at_points<Wide>(pair, true, kPoints);
    if (complex.different) return false;
    if (complex.same >= kEnough) return true;
  }
  throw NotDecided{"no value to compare"};
}

bool close(double a, double b, double tolerance) { return std::fabs(a - b) <= tolerance * std::fabs(b); }

// Whether \log without a base stands in it, which may be natural or decimal.
bool has_plain_log(const Tree& tree, NodeId node) {
  if (tree.is_function(node, Function::kLog) && tree[node].count == 1) return true;
  for (std::int32_t i = 0; i < tree[node].count; ++i) {
    if (has_plain_log(tree, tree.kid(node, i))) return true;
  }
  return false;
}

bool within_tolerance(const Pair& pair, double tolerance) {
  const auto a = constant_value(pair.tree, pair.a), b = constant_value(pair.tree, pair.b);
  return a && b && close(*b, *a, tolerance);
}

}  // namespace

bool is_scalar(const Tree& tree, NodeId node) {
  switch (tree[node].kind) {
    case Kind::kNumber:
    case Kind::kName:
    case Kind::kConstant:
      return true;
    case Kind::kAdd:
    case Kind::kMultiply:
    case Kind::kNegate:
    case Kind::kInverse:
    case Kind::kPower:
    case Kind::kPercent:
    case Kind::kDegree:
    case Kind::kUnit:
      break;
    case Kind::kFunction:
      return true;
    default:
      return false;
  }
  for (std::int32_t i = 0; i < tree[node].count; ++i) {
    if (!is_scalar(tree, tree.kid(node, i))) return false;
  }
  return true;
}

std::optional<double> constant_value(const Tree& tree, NodeId node) {
  if (!is_scalar(tree, node) || tree.contains(node, Kind::kName)) return std::nullopt;
  const auto value = numeric_value<double>(tree, node, {}, false).value;
  if (!value.valid || !value.real()) return std::nullopt;
  return value.re;
}

bool equal_scalars(Tree& tree, NodeId a, NodeId b, double relative_tolerance) {
  if (tree.same(a, b)) return true;
  const bool named = tree.contains(a, Kind::kName) || tree.contains(b, Kind::kName);
  Pair pair{tree, a, b, named, false};
  if (!named) {
    if (relative_tolerance > 0 && within_tolerance(pair, relative_tolerance)) return true;
    const Exactly exactly = compare_exactly(pair);
    if (exactly != Exactly::kUnknown) return exactly == Exactly::kSame;
  }
  if (numerically_equal(pair)) return true;
  if (!has_plain_log(tree, a) && !has_plain_log(tree, b)) return false;
  pair.decimal_log = true;
  return numerically_equal(pair);
}

int proportional(Tree& tree, NodeId a, NodeId b) {
  // a(p) b(q) = a(q) b(p) for points p, q, with one p for all.
  int same = 0, sign = 0;
  for (int i = 0; i < kPoints && same < 2 * kEnough; ++i) {
    const Point p = point_of(tree, 0, false), q = point_of(tree, i + 1, false);
    const auto ap = numeric_value<Wide>(tree, a, p, false), bp = numeric_value<Wide>(tree, b, p, false);
    const auto aq = numeric_value<Wide>(tree, a, q, false), bq = numeric_value<Wide>(tree, b, q, false);
    if (ap.left_reals || bp.left_reals || aq.left_reals || bq.left_reals) continue;
    const Said said = compared(ap.value * bq.value, aq.value * bp.value);
    if (said == Said::kDifferent) return 0;
    const bool known = said == Said::kSame && size(ap.value) > 1e-20 && size(bp.value) > 1e-20;
    if (!known) continue;
    ++same;
    sign = (ap.value.re < 0) == (bp.value.re < 0) ? 1 : -1;
  }
  return same >= kEnough ? sign : 0;
}

}  // namespace tempo::reward::math
