#include "numeric.h"

#include <boost/math/constants/constants.hpp>
#include <type_traits>

#include "big_rational.h"

namespace tempo::reward::math {
namespace {

template <class Real>
class Evaluator {
 public:
  Evaluator(const Tree& tree, const Point& point, bool decimal_log)
      : tree_(tree), point_(point), decimal_log_(decimal_log) {}

  bool left_reals = false;

  Ball<Real> of(NodeId node) {
    tree_.budget.spend(kWide ? 2 : 1);
    switch (tree_[node].kind) {
      case Kind::kNumber:
        return rational(tree_.value(node));
      case Kind::kName:
        return rational(point_[static_cast<std::size_t>(tree_[node].data)]);
      case Kind::kConstant:
        return constant(static_cast<Constant>(tree_[node].data));
      case Kind::kAdd: {
        Ball<Real> total;
        for (std::int32_t i = 0; i < tree_[node].count; ++i) total = total + kid(node, i);
        return total;
      }
      case Kind::kMultiply: {
        Ball<Real> total{1, 0, 0, true};
        for (std::int32_t i = 0; i < tree_[node].count; ++i) total = total * kid(node, i);
        return total;
      }
      case Kind::kNegate:
        return -kid(node, 0);
      case Kind::kInverse:
        return inverse(kid(node, 0));
      case Kind::kPercent:
        return kid(node, 0) * rational(divide(1, 100, tree_.budget));
      case Kind::kUnit:
        return kid(node, 0);
      case Kind::kDegree:
        return degrees_ ? kid(node, 0) * constant(Constant::kPi) * rational(divide(1, 180, tree_.budget))
                        : kid(node, 0);
      case Kind::kPower:
        return power_of(node);
      case Kind::kFunction:
        return function(node);
      default:
        return undefined<Real>();
    }
  }

 private:
  static constexpr bool kWide = std::is_same_v<Real, Wide>;

  Ball<Real> kid(NodeId node, std::int32_t i) { return of(tree_.kid(node, i)); }

  Ball<Real> rational(const Rational& value) {
    if constexpr (kWide) {
      const BigRational big = value.big();
      tree_.budget.spend(static_cast<std::int64_t>(value.bits() / 64));
      return checked<Real>(Real(numerator(big.value)) / Real(denominator(big.value)), 0, 0);
    } else {
      return checked<Real>(value.approximate(), 0, 0);
    }
  }

  Ball<Real> constant(Constant which) {
    switch (which) {
      case Constant::kPi:
        return checked<Real>(boost::math::constants::pi<Real>(), 0, 0);
      case Constant::kE:
        return checked<Real>(boost::math::constants::e<Real>(), 0, 0);
      case Constant::kI:
        break;
    }
    return {0, 1, 0, true};
  }

  // Returns a rational value of the node where it is written as one, for exponents and the index of a root.
  std::optional<Rational> written(NodeId node) {
    try {
      return exact_value(tree_, node, &point_);
    } catch (const NotDecided&) {
      tree_.budget.spend(1);
      return std::nullopt;
    }
  }

  void charge_function() { tree_.budget.spend(kWide ? 40 : 2); }

  Ball<Real> power_of(NodeId node) {
    const bool e = tree_.is(tree_.kid(node, 0), Kind::kConstant) &&
                   tree_[tree_.kid(node, 0)].data == static_cast<std::int32_t>(Constant::kE);
    charge_function();
    if (e) return exponential(kid(node, 1));
    const Ball<Real> base = kid(node, 0);
    const auto exponent = written(tree_.kid(node, 1));
    if (exponent && exponent->word()) {
      const auto whole = *exponent->word();
      return whole > -100'000 && whole < 100'000 ? whole_power(base, whole) : undefined<Real>();
    }
    if (exponent && base.valid && base.real() && base.re < 0) return root_of_negative(base, *exponent);
    const Ball<Real> power = exponent ? rational(*exponent) : kid(node, 1);
    return general_power(base, power);
  }

  Ball<Real> general_power(const Ball<Real>& base, const Ball<Real>& power) {
    if (base.valid && size(base) == 0 && base.radius == 0 && power.real() && power.re > 0) return base;
    if (base.real() && base.re < 0) left_reals = true;
    return exponential(power * logarithm(base));
  }

  // x^(p/q) of a negative x is real where q is odd.
  Ball<Real> root_of_negative(const Ball<Real>& base, const Rational& exponent) {
    const BigRational big = exponent.big();
    const bool odd_bottom = denominator(big.value) % 2 != 0;
    if (!odd_bottom) return general_power(base, rational(exponent));
    const bool odd_top = numerator(big.value) % 2 != 0;
    const Ball<Real> power = exponential(rational(exponent) * logarithm(-base));
    return odd_top ? -power : power;
  }

  Ball<Real> function(NodeId node) {
    charge_function();
    const auto which = static_cast<Function>(tree_[node].data);
    if (which >= Function::kSin && which <= Function::kCot) {
      const bool outer = std::exchange(degrees_, true);
      const Ball<Real> angle = kid(node, 0);
      degrees_ = outer;
      return trigonometric(which, angle);
    }
    const Ball<Real> x = kid(node, 0);
    switch (which) {
      case Function::kAbs:
      case Function::kNorm:
        return absolute(x);
      case Function::kRoot:
        return root(node, x);
      case Function::kLn:
      case Function::kLog:
        return log_of(node, x, which);
      case Function::kExp:
        return exponential(x);
      case Function::kSinh:
      case Function::kCosh:
      case Function::kTanh:
        return hyperbolic(which, x);
      case Function::kArcsin:
      case Function::kArccos:
      case Function::kArctan:
        return inverse_trigonometric(which, x);
      case Function::kFloor:
      case Function::kCeil:
        return rounded(x, which == Function::kCeil);
      default: {
        const auto exact = written(node);
        return exact ? rational(*exact) : undefined<Real>();
      }
    }
  }

  Ball<Real> trigonometric(Function which, const Ball<Real>& x) {
    switch (which) {
      case Function::kSin:
        return sine(x, false);
      case Function::kCos:
        return sine(x, true);
      case Function::kTan:
        return sine(x, false) * inverse(sine(x, true));
      case Function::kSec:
        return inverse(sine(x, true));
      case Function::kCsc:
        return inverse(sine(x, false));
      default:
        return sine(x, true) * inverse(sine(x, false));
    }
  }

  Ball<Real> absolute(const Ball<Real>& x) {
    if (!x.valid) return x;
    if (x.real()) return {x.re < 0 ? Real(-x.re) : x.re, 0, x.radius, true};
    const Real norm = sqrt(Real(x.re * x.re + x.im * x.im));
    return checked<Real>(norm, 0, x.radius + size(x) * 4 * kRounding<Real>);
  }

  Ball<Real> root(NodeId node, const Ball<Real>& x) {
    const bool negative = x.valid && x.real() && x.re < 0;
    if (tree_[node].count == 1) {
      left_reals = left_reals || negative;
      return square_root(x);
    }
    const auto index = written(tree_.kid(node, 1));
    if (!index || index->sign() <= 0) return undefined<Real>();
    const Rational exponent = divide(1, *index, tree_.budget);
    if (negative) return root_of_negative(x, exponent);
    return general_power(x, rational(exponent));
  }

  Ball<Real> log_of(NodeId node, const Ball<Real>& x, Function which) {
    if (x.valid && x.real() && x.re < 0) left_reals = true;
    if (tree_[node].count > 1) return logarithm(x) * inverse(logarithm(kid(node, 1)));
    const bool decimal = which == Function::kLog && decimal_log_;
    return decimal ? logarithm(x) * inverse(logarithm(rational(10))) : logarithm(x);
  }

  Ball<Real> hyperbolic(Function which, const Ball<Real>& x) {
    const Ball<Real> up = exponential(x), down = exponential(-x), half{Real(0.5), 0, 0, true};
    if (which == Function::kSinh) return half * (up + -down);
    if (which == Function::kCosh) return half * (up + down);
    return (up + -down) * inverse(up + down);
  }

  Ball<Real> inverse_trigonometric(Function which, const Ball<Real>& x) {
    if (!x.valid || !x.real()) return undefined<Real>();
    if (which == Function::kArctan) return checked<Real>(atan(x.re), 0, x.radius);
    const double distance = 1 - std::fabs(static_cast<double>(x.re));
    if (distance < 0) return undefined<Real>();
    const double radius = x.radius == 0         ? 0
                          : x.radius < distance ? x.radius / std::sqrt(distance - x.radius)
                                                : 2 * std::sqrt(x.radius);
    return checked<Real>(which == Function::kArcsin ? asin(x.re) : acos(x.re), 0, radius);
  }

  // A value that is a whole number but for its error counts as one.
  Ball<Real> rounded(const Ball<Real>& x, bool up) {
    if (!x.valid || !x.real() || x.radius > 0.25) return undefined<Real>();
    const Real nearest = floor(Real(x.re + Real(0.5)));
    if (fabs(Real(x.re - nearest)) <= Real(4 * x.radius)) return {nearest, 0, 0, true};
    return {up ? Real(ceil(x.re)) : Real(floor(x.re)), 0, 0, true};
  }

  const Tree& tree_;
  const Point& point_;
  bool decimal_log_;
  bool degrees_ = false;  // inside a trigonometric function
};

}  // namespace

template <class Real>
Numeric<Real> numeric_value(const Tree& tree, NodeId node, const Point& point, bool decimal_log) {
  Evaluator<Real> evaluator(tree, point, decimal_log);
  const Ball<Real> value = evaluator.of(node);
  return {value, evaluator.left_reals};
}

template Numeric<double> numeric_value(const Tree&, NodeId, const Point&, bool);
template Numeric<Wide> numeric_value(const Tree&, NodeId, const Point&, bool);

}  // namespace tempo::reward::math
