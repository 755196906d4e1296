// Numbers as they stand in text, compared exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tempo::reward {

// sign * top * 10^exponent / bottom. top and bottom are decimal digits without zeros in front or behind; top
// is empty for zero, bottom is never empty.
struct Number {
  bool negative = false;
  std::string top;
  std::string bottom = "1";
  std::int64_t exponent = 0;
};

// Exact equality of value. A Number from text has at most a few hundred digits and an exponent of four, so
// that this takes a millisecond at most; likewise below.
bool equal(const Number& a, const Number& b);

// Returns true where |a - b| <= relative_tolerance * |b|, exactly.
bool within(const Number& a, const Number& b, const Number& relative_tolerance);

// Returns the number that the shortest decimal notation of a finite value stands for: 1/10 for 0.1.
Number number_of(double value);

// A number and where it stands: [begin, end) with its sign, "$" and "%".
struct NumberToken {
  Number value;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Returns the first number of the text whose digits begin at or after `from`; the grammar is score_number's.
// Skips digits that belong to words, to dates and versions such as 1/2/2020 and 1.2.3, to division by zero,
// and runs of more than 300 digits. Reading a text from token to token is linear in it.
std::optional<NumberToken> next_number(std::string_view text, std::size_t from);

// Returns the number that is the whole text, but for white space and a last period.
std::optional<Number> whole_number(std::string_view text);

}  // namespace tempo::reward
