#include "exact.h"

#include <numeric>

namespace tempo::reward::math {
namespace {

using Value = std::optional<Rational>;

constexpr std::int64_t kMaxFactorial = 1500;

class Exact {
 public:
  Exact(const Tree& tree, const Point* point) : tree_(tree), budget_(tree.budget), point_(point) {}

  Value of(NodeId node) const {
    budget_.spend(1);
    switch (tree_[node].kind) {
      case Kind::kNumber:
        return tree_.value(node);
      case Kind::kName:
        if (point_ == nullptr) return std::nullopt;
        return (*point_)[static_cast<std::size_t>(tree_[node].data)];
      case Kind::kAdd:
        return folded(node, 0, add);
      case Kind::kMultiply:
        return folded(node, 1, multiply);
      case Kind::kNegate:
        return of_kid(node, [](const Rational& x) { return Value(negated(x)); });
      case Kind::kInverse:
        return of_kid(node, [&](const Rational& x) { return Value(divide(1, x, budget_)); });
      case Kind::kPercent:
        return of_kid(node, [&](const Rational& x) { return Value(divide(x, 100, budget_)); });
      case Kind::kUnit:
        return of(tree_.kid(node, 0));
      case Kind::kPower:
        return power_of(node);
      case Kind::kFunction:
        return function(node);
      default:
        return std::nullopt;
    }
  }

 private:
  template <class Combine>
  Value folded(NodeId node, std::int64_t start, Combine combine) const {
    Rational total(start);
    for (std::int32_t i = 0; i < tree_[node].count; ++i) {
      const Value next = of(tree_.kid(node, i));
      if (!next) return std::nullopt;
      total = combine(total, *next, budget_);
    }
    return total;
  }

  template <class Apply>
  Value of_kid(NodeId node, Apply apply) const {
    const Value kid = of(tree_.kid(node, 0));
    return kid ? apply(*kid) : std::nullopt;
  }

  Value power_of(NodeId node) const {
    const Value base = of(tree_.kid(node, 0));
    const Value exponent = base ? of(tree_.kid(node, 1)) : std::nullopt;
    if (!base || !exponent) return std::nullopt;
    if (const auto whole = exponent->word()) return power(*base, *whole, budget_);
    if (exponent->is_integer()) throw NotDecided{"the numbers are too large"};
    return std::nullopt;
  }

  Value function(NodeId node) const {
    const auto which = static_cast<Function>(tree_[node].data);
    switch (which) {
      case Function::kAbs:
      case Function::kNorm:
        return of_kid(node, [](const Rational& x) { return Value(x.sign() < 0 ? negated(x) : x); });
      case Function::kFloor:
        return of_kid(node, [](const Rational& x) { return Value(x.floor()); });
      case Function::kCeil:
        return of_kid(node, [](const Rational& x) { return Value(negated(negated(x).floor())); });
      case Function::kFactorial:
        return of_kid(node, [&](const Rational& x) { return factorial(x); });
      case Function::kRoot:
        if (tree_[node].count > 1) return std::nullopt;
        return of_kid(node, [](const Rational& x) { return x.sign() < 0 ? std::nullopt : x.square_root(); });
      case Function::kBinomial:
        return binomial(of(tree_.kid(node, 0)), of(tree_.kid(node, 1)));
      case Function::kMax:
      case Function::kMin:
      case Function::kGcd:
      case Function::kLcm:
        return of_several(which, tree_.kid(node, 0));
      default:
        return std::nullopt;
    }
  }

  Value factorial(const Rational& x) const {
    const auto n = x.word();
    if (!n || *n < 0) return std::nullopt;
    if (*n > kMaxFactorial) throw NotDecided{"the numbers are too large"};
    Rational product(1);
    for (std::int64_t i = 2; i <= *n; ++i) product = multiply(product, i, budget_);
    return product;
  }

  Value binomial(const Value& top, const Value& bottom) const {
    const auto k = bottom ? bottom->word() : std::nullopt;
    if (!top || !k || *k < 0) return std::nullopt;
    const auto n = top->word();
    const std::int64_t steps = n && *n >= *k ? std::min(*k, *n - *k) : *k;
    if (steps > kMaxFactorial) throw NotDecided{"the numbers are too large"};
    Rational product(1);
    for (std::int64_t i = 0; i < steps; ++i) {
      product = multiply(product, math::add(*top, -i, budget_), budget_);
      product = divide(product, i + 1, budget_);
    }
    return product;
  }

  Value of_several(Function which, NodeId arguments) const {
    if (!tree_.is(arguments, Kind::kTuple) && !tree_.is(arguments, Kind::kSet)) return std::nullopt;
    Value result;
    for (const NodeId kid : tree_.kids(arguments)) {
      const Value next = of(kid);
      if (!next) return std::nullopt;
      result = result ? pair(which, *result, *next) : next;
      if (!result) return std::nullopt;
    }
    return result;
  }

  Value pair(Function which, const Rational& a, const Rational& b) const {
    if (which == Function::kMax) return less(a, b, budget_) ? b : a;
    if (which == Function::kMin) return less(a, b, budget_) ? a : b;
    const auto x = a.word(), y = b.word();
    if (!x || !y) return std::nullopt;
    const std::int64_t divisor = std::gcd(*x, *y);
    if (which == Function::kGcd || divisor == 0) return Rational(divisor);
    return multiply(Rational(*x / divisor), Rational(*y), budget_);
  }

  const Tree& tree_;
  Budget& budget_;
  const Point* point_;
};

}  // namespace

std::optional<Rational> exact_value(const Tree& tree, NodeId node, const Point* point) {
  return Exact(tree, point).of(node);
}

}  // namespace tempo::reward::math
