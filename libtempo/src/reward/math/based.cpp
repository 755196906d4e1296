// Numbers in a base.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "parser_state.h"
#include "rational.h"

namespace tempo::reward::math {
namespace {

using std::string_view;

bool all_digits(string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_alphanumeric(string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

// Whether nothing of the side can follow.
bool ends_side(Tok kind) {
  return kind == Tok::kEnd || kind == Tok::kComma || kind == Tok::kSemicolon || kind == Tok::kRelation ||
         kind == Tok::kAnd || kind == Tok::kOr || kind == Tok::kDot;
}

int digit_value(char digit) {
  const auto c = static_cast<unsigned char>(digit);
  return std::isdigit(c) != 0 ? c - '0' : std::toupper(c) - 'A' + 10;
}

}  // namespace

// Takes the base behind a number: "_2", "_{\text{base }2}", "_{two}", " base 2".
NodeId Parser::based(NodeId value) {
  constexpr std::array<string_view, 9> kNames = {"two",   "three", "four", "five", "six",
                                                 "seven", "eight", "nine", "ten"};
  ++at_;
  const bool group = take(Tok::kOpenGroup);
  while (at(Tok::kWord) && (peek().text == "base" || peek().text == "in")) ++at_;
  const Token base = peek();
  ++at_;
  if (group) expect(Tok::kCloseGroup);
  const auto named = std::find(kNames.begin(), kNames.end(), base.text);
  std::int32_t radix = named == kNames.end() ? 0 : static_cast<std::int32_t>(named - kNames.begin()) + 2;
  if (base.kind == Tok::kNumber && base.text.size() < 4 && all_digits(base.text))
    radix = std::stoi(std::string(base.text));
  if (radix < 2) throw Unreadable{};
  return tree_.add(Kind::kBase, {value}, radix);
}

// Takes a number with letters as digits that is a whole side, "2A_{16}" or "\\text{A5}_{11}". A letter alone
// is a name with a subscript. Written down in base ten.
NodeId Parser::letter_digits() {
  std::string digits;
  std::size_t ahead = 0;
  for (; is_alphanumeric(peek(ahead).text) && digits.size() < 64; ++ahead) digits += peek(ahead).text;
  if (peek(ahead).kind != Tok::kUnderscore) return -1;
  const bool group = peek(++ahead).kind == Tok::kOpenGroup;
  const string_view base = peek(ahead + (group ? 1 : 0)).text;
  const int radix = base.size() == 2 && all_digits(base) ? std::stoi(std::string(base)) : 0;
  ahead += group ? 3 : 1;
  const bool has_digit = digits.find_first_of("0123456789") != digits.npos;
  const bool has_letter = digits.find_first_not_of("0123456789") != digits.npos;
  if (radix < 11 || radix > 36 || !has_digit || !has_letter || !ends_side(peek(ahead).kind)) return -1;
  Rational value(0);
  for (const char digit : digits) {
    if (digit_value(digit) >= radix) return -1;
    value = math::add(multiply(value, radix, tree_.budget), digit_value(digit), tree_.budget);
  }
  at_ += ahead;
  return tree_.add(Kind::kBase, {tree_.number(value)}, 10);
}

}  // namespace tempo::reward::math
