// Exact rational numbers: machine words while they fit, big ones otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "budget.h"

namespace tempo::reward::math {

struct BigRational;  // big_rational.h

class Rational {
 public:
  Rational(std::int64_t top = 0) : top_(top) {}  // NOLINT: a whole number is a rational
  explicit Rational(const BigRational& big);

  int sign() const;
  bool is_integer() const;
  double approximate() const;
  BigRational big() const;   // for big_rational.h's includers
  std::size_t bits() const;  // of numerator and denominator
  // Returns the value where it is a whole number of a machine word.
  std::optional<std::int64_t> word() const;
  // Returns the decimal digits of a whole number.
  std::string whole_digits() const;
  // Returns the value rounded down.
  Rational floor() const;
  // Returns the root where it is rational; of a value that is not negative.
  std::optional<Rational> square_root() const;

  friend bool operator==(const Rational& a, const Rational& b);

 private:
  friend struct RationalArithmetic;
  std::int64_t top_ = 0;
  std::int64_t bottom_ = 1;                 // > 0, lowest terms
  std::shared_ptr<const BigRational> big_;  // where a word is too small for either
};

// Each throws NotDecided where the result is beyond kMaxBits, divides by zero, or is beyond the budget.
Rational add(const Rational& a, const Rational& b, Budget& budget);
Rational multiply(const Rational& a, const Rational& b, Budget& budget);
Rational divide(const Rational& a, const Rational& b, Budget& budget);
Rational power(const Rational& base, std::int64_t exponent, Budget& budget);
Rational negated(const Rational& a);
bool less(const Rational& a, const Rational& b, Budget& budget);

// Returns the number that is written: digits with an optional point, any other characters skipped;
// `repeating` are the digits that repeat for ever behind it, and the whole is times 10^exponent.
Rational number_of(std::string_view digits, std::string_view repeating, std::int64_t exponent,
                   Budget& budget);

}  // namespace tempo::reward::math
