#include "number_value.h"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>

#include "extract.h"

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

constexpr size_t kMaxDigits = 300;
constexpr size_t kMaxExponentDigits = 4;
constexpr string_view kMinusSign = "\u2212";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit_at(string_view text, size_t i) { return i < text.size() && is_digit(text[i]); }
bool char_at(string_view text, size_t i, char c) { return i < text.size() && text[i] == c; }

size_t digits_end(string_view text, size_t i) {
  while (digit_at(text, i)) ++i;
  return i;
}

// Moves zeros at the end into the exponent and drops those in front.
void normalise(std::string& digits, std::int64_t& exponent) {
  const size_t last = digits.find_last_not_of('0');
  if (last == digits.npos) {
    digits.clear();
    exponent = 0;
    return;
  }
  exponent += static_cast<std::int64_t>(digits.size() - 1 - last);
  digits.resize(last + 1);
  digits.erase(0, digits.find_first_not_of('0'));
}

using Integer = boost::multiprecision::cpp_int;

// sign * top / bottom, times 10^exponent, as integers; bottom is positive.
struct Ratio {
  Integer top, bottom;
  std::int64_t exponent = 0;

  explicit Ratio(const Number& number)
      : top(number.top.empty() ? "0" : number.top), bottom(number.bottom), exponent(number.exponent) {
    if (number.negative) top = -top;
  }
};

Integer power_of_ten(std::int64_t exponent) {
  return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent));
}

// Returns the factor between a power of ten and a smaller one.
Integer shift(std::int64_t exponent, std::int64_t smallest) { return power_of_ten(exponent - smallest); }

// A number without sign: digits, "1,234", ".5", "1.5", "2e-3", and where it ends.
struct Decimal {
  std::string digits;
  std::int64_t exponent = 0;
  size_t end = 0;
};

// Returns the length of what separates thousands at `at`, before three digits and no more; else 0.
size_t separator_length(string_view text, size_t at) {
  constexpr std::array<string_view, 4> kSeparators = {",", "{,}", ",\\!", "\\,"};
  for (const string_view separator : kSeparators) {
    const size_t digits = at + separator.size();
    if (text.substr(at).starts_with(separator) && digits_end(text, digits) == digits + 3)
      return separator.size();
  }
  return 0;
}

std::string integer_part(string_view text, size_t& at) {
  size_t end = digits_end(text, at);
  std::string digits(text.substr(at, end - at));
  const bool groups = !digits.empty() && digits.size() <= 3 && digits[0] != '0';
  for (size_t length; groups && (length = separator_length(text, end)) > 0; end += length + 3)
    digits += text.substr(end + length, 3);
  at = end;
  return digits;
}

// Reads "-5" at `at`, with at most kMaxExponentDigits; nothing where there is none. Moves `at` behind it.
std::optional<int> read_exponent(string_view text, size_t& at) {
  const size_t sign = char_at(text, at, '-') || char_at(text, at, '+') ? 1 : 0;
  const size_t begin = at + sign, end = digits_end(text, begin);
  if (end == begin || end - begin > kMaxExponentDigits) return std::nullopt;
  const int power = std::stoi(std::string(text.substr(begin, end - begin)));
  const bool negative = text[at] == '-';
  at = end;
  return negative ? -power : power;
}

// Returns where the exponent begins of " \times 10^" at `at`, or `at` where that is something else.
size_t after_power_of_ten(string_view text, size_t at) {
  constexpr std::array<string_view, 4> kTimes = {"\\times", "\\cdot", "\u00d7", "*"};
  const auto skip_spaces = [&](size_t i) { return std::min(text.find_first_not_of(' ', i), text.size()); };
  const string_view rest = text.substr(skip_spaces(at));
  const auto times =
      std::find_if(kTimes.begin(), kTimes.end(), [&](string_view word) { return rest.starts_with(word); });
  if (times == kTimes.end()) return at;
  const size_t ten = skip_spaces(skip_spaces(at) + times->size());
  return text.substr(ten).starts_with("10^") ? ten + 3 : at;
}

// Reads "e5" or " \times 10^{5}" at `at`; without one the exponent is 0. Nothing where it is malformed.
std::optional<int> read_power(string_view text, size_t& at) {
  const size_t sign = char_at(text, at + 1, '-') || char_at(text, at + 1, '+') ? 1 : 0;
  if ((char_at(text, at, 'e') || char_at(text, at, 'E')) && digit_at(text, at + 1 + sign))
    return read_exponent(text, ++at);
  size_t begin = after_power_of_ten(text, at);
  if (begin == at) return 0;
  const bool braced = char_at(text, begin, '{');
  if (braced) ++begin;
  const auto exponent = read_exponent(text, begin);
  if (!exponent || (braced && !char_at(text, begin, '}'))) return 0;
  at = begin + (braced ? 1 : 0);
  return exponent;
}

// Reads the decimal that begins at `at`, a digit or a point before one; nothing where it is malformed.
std::optional<Decimal> read_decimal(string_view text, size_t at) {
  Decimal decimal;
  decimal.digits = integer_part(text, at);
  if (char_at(text, at, '.') && digit_at(text, at + 1)) {
    const size_t end = digits_end(text, at + 1);
    decimal.digits += text.substr(at + 1, end - at - 1);
    decimal.exponent = -static_cast<std::int64_t>(end - at - 1);
    at = end;
    if (char_at(text, at, '.') && digit_at(text, at + 1)) return std::nullopt;
  }
  const auto power = read_power(text, at);
  if (!power) return std::nullopt;
  decimal.exponent += *power;
  if (decimal.digits.empty() || decimal.digits.size() > kMaxDigits) return std::nullopt;
  normalise(decimal.digits, decimal.exponent);
  decimal.end = at;
  return decimal;
}

std::optional<NumberToken> ratio(const Decimal& a, const Decimal& b, size_t begin, size_t end) {
  if (b.digits.empty()) return std::nullopt;
  NumberToken token{.value = {}, .begin = begin, .end = end};
  token.value.top = a.digits;
  token.value.bottom = b.digits;
  token.value.exponent = a.exponent - b.exponent;
  return token;
}

bool starts_decimal(string_view text, size_t at) {
  if (digit_at(text, at)) return true;
  // Behind a word or another point it ends a sentence.
  const bool alone = at == 0 || !(is_letter(text[at - 1]) || text[at - 1] == '.');
  return alone && char_at(text, at, '.') && digit_at(text, at + 1);
}

// Reads "{3}{4}" at `at`, behind \frac.
std::optional<NumberToken> read_latex_fraction(string_view text, size_t at, size_t begin) {
  if (!char_at(text, at, '{') || !starts_decimal(text, at + 1)) return std::nullopt;
  const auto top = read_decimal(text, at + 1);
  if (!top || text.substr(top->end, 2) != "}{" || !starts_decimal(text, top->end + 2)) return std::nullopt;
  const auto bottom = read_decimal(text, top->end + 2);
  if (!bottom || !char_at(text, bottom->end, '}')) return std::nullopt;
  return ratio(*top, *bottom, begin, bottom->end + 1);
}

// Reads "3" or "3/4" at `at`.
std::optional<NumberToken> read_plain(string_view text, size_t at) {
  if (at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '_')) return std::nullopt;
  const auto top = read_decimal(text, at);
  if (!top) return std::nullopt;
  if (!char_at(text, top->end, '/') || !starts_decimal(text, top->end + 1)) {
    return ratio(*top, {.digits = "1"}, at, top->end);
  }
  const auto bottom = read_decimal(text, top->end + 1);
  if (!bottom || (char_at(text, bottom->end, '/') && starts_decimal(text, bottom->end + 1)))
    return std::nullopt;
  return ratio(*top, *bottom, at, bottom->end);
}

// Takes "$" and the sign before the number into it, in either order, and "%" behind it.
void take_sign_and_units(string_view text, NumberToken& token) {
  const auto take_dollar = [&] {
    if (token.begin > 0 && text[token.begin - 1] == '$') --token.begin;
    if (token.begin > 0 && text[token.begin] == '$' && text[token.begin - 1] == '\\') --token.begin;
  };
  take_dollar();
  const string_view before = text.substr(0, token.begin);
  const size_t length = before.ends_with(kMinusSign)                     ? kMinusSign.size()
                        : before.ends_with('-') || before.ends_with('+') ? 1
                                                                         : 0;
  const char left = before.size() > length ? before[before.size() - length - 1] : ' ';
  // Behind an operand it is the operator of a difference, not a sign.
  const bool is_operator =
      is_digit(left) || is_letter(left) || string_view(")]}%").find(left) != string_view::npos;
  if (length > 0 && !is_operator) {
    token.value.negative = !before.ends_with('+');
    token.begin -= length;
    take_dollar();
  }
  if (text.substr(token.end).starts_with("\\%")) ++token.end;
  if (char_at(text, token.end, '%')) ++token.end;
  if (text[token.begin] == '$' && char_at(text, token.end, '$')) ++token.end;
}

// Returns the end of the run of word and number characters at `at`, to go on behind what is no number.
size_t skip_run(string_view text, size_t at) {
  const auto in_run = [](char c) {
    return is_digit(c) || is_letter(c) || string_view("_./,").find(c) != string_view::npos;
  };
  while (at < text.size() && in_run(text[at])) ++at;
  return at;
}

}  // namespace

bool equal(const Number& a, const Number& b) {
  if (a.top.empty() || b.top.empty()) return a.top.empty() && b.top.empty();
  if (a.bottom == b.bottom) return a.negative == b.negative && a.top == b.top && a.exponent == b.exponent;
  return within(a, b, {});
}

// With a = p/q 10^i, b = r/s 10^j, t = u/v 10^k: |p s 10^i - r q 10^j| v <= |r| q u 10^(j + k).
bool within(const Number& a, const Number& b, const Number& relative_tolerance) {
  const Ratio left(a), right(b), tolerance(relative_tolerance);
  const std::int64_t bound_exponent = right.exponent + tolerance.exponent;
  const std::int64_t smallest = std::min({left.exponent, right.exponent, bound_exponent});
  const Integer difference = left.top * right.bottom * shift(left.exponent, smallest) -
                             right.top * left.bottom * shift(right.exponent, smallest);
  const Integer bound = abs(right.top) * left.bottom * tolerance.top * shift(bound_exponent, smallest);
  return abs(difference) * tolerance.bottom <= bound;
}

Number number_of(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return whole_number({buffer.data(), end}).value();
}

std::optional<NumberToken> next_number(string_view text, size_t from) {
  constexpr std::array<string_view, 3> kFractions = {"\\frac", "\\dfrac", "\\tfrac"};
  for (size_t at = from; at < text.size();) {
    std::optional<NumberToken> token;
    if (text[at] == '\\') {
      const auto fraction = std::find_if(kFractions.begin(), kFractions.end(), [&](string_view name) {
        return text.substr(at, name.size()) == name;
      });
      if (fraction != kFractions.end()) token = read_latex_fraction(text, at + fraction->size(), at);
      if (!token) ++at;
    } else if (starts_decimal(text, at)) {
      token = read_plain(text, at);
      if (!token) at = skip_run(text, at);
    } else {
      ++at;
    }
    if (!token) continue;
    take_sign_and_units(text, *token);
    return token;
  }
  return std::nullopt;
}

std::optional<Number> whole_number(string_view text) {
  text = trim(text);
  if (text.ends_with('.')) text = trim(text.substr(0, text.size() - 1));
  const auto token = next_number(text, 0);
  if (!token || token->begin != 0 || token->end != text.size()) return std::nullopt;
  return token->value;
}

}  // namespace tempo::reward
