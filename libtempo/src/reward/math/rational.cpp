#include "rational.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "big_rational.h"

namespace tempo::reward::math {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

bool fits(const BigInt& value) { return value <= kLargest && value >= -kLargest; }

std::size_t bits_of(const BigInt& value) { return value == 0 ? 1 : msb(abs(value)) + 1; }

// Charges for a product of big numbers and the fraction's reduction, both quadratic in words.
void charge(const Rational& a, const Rational& b, Budget& budget) {
  const std::size_t bits = a.bits() + b.bits();
  if (bits > kMaxBits) throw NotDecided{"the numbers are too large"};
  const auto words = static_cast<std::int64_t>(bits / 64 + 1);
  budget.spend(8 + words * words / 2);
}

}  // namespace

struct RationalArithmetic {
  static bool small(const Rational& a, const Rational& b) { return !a.big_ && !b.big_; }

  // Returns top / bottom in lowest terms; nothing where a word is too small. bottom > 0.
  static Rational reduced(std::int64_t top, std::int64_t bottom) {
    const std::int64_t divisor = bottom == 1 ? 1 : std::gcd(top, bottom);
    Rational value(top / divisor);
    value.bottom_ = bottom / divisor;
    return value;
  }

  static std::optional<Rational> sum(const Rational& a, const Rational& b) {
    std::int64_t left = 0, right = 0, top = 0, bottom = 0;
    if (__builtin_mul_overflow(a.top_, b.bottom_, &left) ||
        __builtin_mul_overflow(b.top_, a.bottom_, &right) || __builtin_add_overflow(left, right, &top) ||
        __builtin_mul_overflow(a.bottom_, b.bottom_, &bottom) || top < -kLargest) {
      return std::nullopt;
    }
    return reduced(top, bottom);
  }

  static std::optional<Rational> product(const Rational& a, const Rational& b) {
    std::int64_t top = 0, bottom = 0;
    if (__builtin_mul_overflow(a.top_, b.top_, &top) ||
        __builtin_mul_overflow(a.bottom_, b.bottom_, &bottom) || top < -kLargest) {
      return std::nullopt;
    }
    return reduced(top, bottom);
  }

  static Rational inverse(const Rational& a) {
    if (a.big_) return Rational(BigRational{1 / a.big_->value});
    Rational value(a.top_ < 0 ? -a.bottom_ : a.bottom_);
    value.bottom_ = a.top_ < 0 ? -a.top_ : a.top_;
    return value;
  }
};

Rational::Rational(const BigRational& big) {
  const BigInt& top = numerator(big.value);
  const BigInt& bottom = denominator(big.value);
  if (fits(top) && fits(bottom)) {
    top_ = static_cast<std::int64_t>(top);
    bottom_ = static_cast<std::int64_t>(bottom);
  } else {
    if (bits_of(top) + bits_of(bottom) > kMaxBits) throw NotDecided{"the numbers are too large"};
    big_ = std::make_shared<const BigRational>(big);
  }
}

int Rational::sign() const {
  if (big_) return big_->value.sign();
  return top_ < 0 ? -1 : top_ > 0 ? 1 : 0;
}

bool Rational::is_integer() const { return big_ ? denominator(big_->value) == 1 : bottom_ == 1; }

double Rational::approximate() const {
  if (!big_) return static_cast<double>(top_) / static_cast<double>(bottom_);
  return static_cast<double>(big_->value);
}

BigRational Rational::big() const { return big_ ? *big_ : BigRational{{top_, bottom_}}; }

std::size_t Rational::bits() const {
  return big_ ? bits_of(numerator(big_->value)) + bits_of(denominator(big_->value)) : 128;
}

std::optional<std::int64_t> Rational::word() const {
  if (big_ || bottom_ != 1) return std::nullopt;
  return top_;
}

std::string Rational::whole_digits() const { return numerator(big().value).str(); }

Rational Rational::floor() const {
  if (is_integer()) return *this;
  const BigRational big = this->big();
  BigInt whole = numerator(big.value) / denominator(big.value);
  if (big.value.sign() < 0) --whole;
  return Rational(BigRational{whole});
}

std::optional<Rational> Rational::square_root() const {
  const BigRational big = this->big();
  const BigInt top = sqrt(numerator(big.value)), bottom = sqrt(denominator(big.value));
  if (top * top != numerator(big.value) || bottom * bottom != denominator(big.value)) return std::nullopt;
  return Rational(BigRational{{top, bottom}});
}

bool operator==(const Rational& a, const Rational& b) {
  if (!a.big_ && !b.big_) return a.top_ == b.top_ && a.bottom_ == b.bottom_;
  return a.big_ && b.big_ && a.big_->value == b.big_->value;
}

Rational add(const Rational& a, const Rational& b, Budget& budget) {
  if (RationalArithmetic::small(a, b)) {
    if (auto sum = RationalArithmetic::sum(a, b)) return *sum;
  }
  charge(a, b, budget);
  return Rational(BigRational{a.big().value + b.big().value});
}

Rational multiply(const Rational& a, const Rational& b, Budget& budget) {
  if (RationalArithmetic::small(a, b)) {
    if (auto product = RationalArithmetic::product(a, b)) return *product;
  }
  charge(a, b, budget);
  return Rational(BigRational{a.big().value * b.big().value});
}

Rational divide(const Rational& a, const Rational& b, Budget& budget) {
  if (b.sign() == 0) throw NotDecided{"division by zero"};
  return multiply(a, RationalArithmetic::inverse(b), budget);
}

Rational power(const Rational& base, std::int64_t exponent, Budget& budget) {
  if (exponent < 0) return power(divide(1, base, budget), -exponent, budget);
  if (base == Rational(1) || base.sign() == 0) return exponent == 0 ? Rational(1) : base;
  if (base == Rational(-1)) return exponent % 2 == 0 ? 1 : -1;
  if (exponent > static_cast<std::int64_t>(kMaxBits)) throw NotDecided{"the numbers are too large"};
  Rational result(1), square = base;
  for (std::int64_t rest = exponent; rest > 0; rest /= 2) {
    if (rest % 2 == 1) result = multiply(result, square, budget);
    if (rest > 1) square = multiply(square, square, budget);
  }
  return result;
}

Rational negated(const Rational& a) {
  Budget enough(1 << 20);
  return multiply(a, -1, enough);
}

bool less(const Rational& a, const Rational& b, Budget& budget) {
  return add(a, negated(b), budget).sign() < 0;
}

Rational number_of(std::string_view digits, std::string_view repeating, std::int64_t exponent,
                   Budget& budget) {
  if (digits.size() + repeating.size() > kMaxDigits) throw NotDecided{"a number with too many digits"};
  std::string plain;
  bool behind_point = false;
  for (const char c : digits) {
    if (c == '.') behind_point = true;
    if (c < '0' || c > '9') continue;
    plain += c;
    if (behind_point) --exponent;
  }
  const auto value_of = [](const std::string& text) {
    if (text.size() < 18) return Rational(text.empty() ? 0 : std::stoll(text));
    const std::size_t first = text.find_first_not_of('0');  // a zero in front would mean octal
    return first == text.npos ? Rational(0) : Rational(BigRational{BigInt(text.substr(first))});
  };
  Rational value = value_of(plain);
  if (!repeating.empty()) {
    const auto length = static_cast<std::int64_t>(repeating.size());
    const Rational nines = add(power(10, length, budget), -1, budget);
    value = add(value, divide(value_of(std::string(repeating)), nines, budget), budget);
  }
  if (exponent == 0) return value;
  return multiply(value, power(10, exponent, budget), budget);
}

}  // namespace tempo::reward::math
