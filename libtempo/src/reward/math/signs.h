// Signs of answers, ASCII and Unicode, and what they stand for.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "token.h"

namespace tempo::reward::math {

struct Sign {
  std::string_view bytes;
  Tok kind;
  std::uint8_t detail;
  std::string_view text;
};

constexpr std::uint8_t of(Relation relation) { return static_cast<std::uint8_t>(relation); }

inline constexpr std::array kSigns = {
    Sign{"<=", Tok::kRelation, of(Relation::kLessEqual), {}},
    Sign{"=<", Tok::kRelation, of(Relation::kLessEqual), {}},
    Sign{">=", Tok::kRelation, of(Relation::kGreaterEqual), {}},
    Sign{"=>", Tok::kRelation, of(Relation::kTo), {}},
    Sign{"->", Tok::kRelation, of(Relation::kTo), {}},
    Sign{"!=", Tok::kRelation, of(Relation::kNotEqual), {}},
    Sign{"<>", Tok::kRelation, of(Relation::kNotEqual), {}},
    Sign{"==", Tok::kRelation, of(Relation::kEqual), {}},
    Sign{":=", Tok::kRelation, of(Relation::kEqual), {}},
    Sign{"**", Tok::kCaret, 0, {}},
    Sign{"||", Tok::kDoubleBar, 0, {}},
    Sign{"...", Tok::kDots, 0, {}},
    Sign{"+-", Tok::kPlusMinus, 0, {}},
    Sign{"+/-", Tok::kPlusMinus, 0, {}},
    Sign{"=", Tok::kRelation, of(Relation::kEqual), {}},
    Sign{"<", Tok::kRelation, of(Relation::kLess), {}},
    Sign{">", Tok::kRelation, of(Relation::kGreater), {}},
    Sign{"(", Tok::kOpenParen, 0, {}},
    Sign{")", Tok::kCloseParen, 0, {}},
    Sign{"[", Tok::kOpenBracket, 0, {}},
    Sign{"]", Tok::kCloseBracket, 0, {}},
    Sign{"{", Tok::kOpenGroup, 0, {}},
    Sign{"}", Tok::kCloseGroup, 0, {}},
    Sign{"|", Tok::kBar, 0, {}},
    Sign{"+", Tok::kPlus, 0, {}},
    Sign{"-", Tok::kMinus, 0, {}},
    Sign{"*", Tok::kTimes, 0, {}},
    Sign{"/", Tok::kSlash, 0, {}},
    Sign{"^", Tok::kCaret, 0, {}},
    Sign{"_", Tok::kUnderscore, 0, {}},
    Sign{"!", Tok::kBang, 0, {}},
    Sign{"'", Tok::kPrime, 0, {}},
    Sign{"%", Tok::kPercent, 0, {}},
    Sign{",", Tok::kComma, 0, {}},
    Sign{";", Tok::kSemicolon, 0, {}},
    Sign{":", Tok::kColon, 0, {}},
    Sign{".", Tok::kDot, 0, {}},
    Sign{"&", Tok::kAmpersand, 0, {}},
};

inline constexpr std::array kUnicode = {
    Sign{"\u2212", Tok::kMinus, 0, {}},
    Sign{"\u2013", Tok::kMinus, 0, {}},
    Sign{"\u2014", Tok::kMinus, 0, {}},
    Sign{"\u00d7", Tok::kTimes, 0, {}},
    Sign{"\u00b7", Tok::kTimes, 0, {}},
    Sign{"\u22c5", Tok::kTimes, 0, {}},
    Sign{"\u00f7", Tok::kSlash, 0, {}},
    Sign{"\u2044", Tok::kSlash, 0, {}},
    Sign{"\u00b1", Tok::kPlusMinus, 0, {}},
    Sign{"\u2213", Tok::kMinusPlus, 0, {}},
    Sign{"\u03c0", Tok::kName, 0, "pi"},
    Sign{"\u221a", Tok::kSqrt, 1, {}},
    Sign{"\u2264", Tok::kRelation, of(Relation::kLessEqual), {}},
    Sign{"\u2265", Tok::kRelation, of(Relation::kGreaterEqual), {}},
    Sign{"\u2260", Tok::kRelation, of(Relation::kNotEqual), {}},
    Sign{"\u2248", Tok::kRelation, of(Relation::kNear), {}},
    Sign{"\u2208", Tok::kRelation, of(Relation::kIn), {}},
    Sign{"\u2192", Tok::kRelation, of(Relation::kTo), {}},
    Sign{"\u21d2", Tok::kRelation, of(Relation::kTo), {}},
    Sign{"\u221e", Tok::kInfinity, 0, {}},
    Sign{"\u222a", Tok::kCup, 0, {}},
    Sign{"\u2229", Tok::kCap, 0, {}},
    Sign{"\u2205", Tok::kEmptySet, 0, {}},
    Sign{"\u2216", Tok::kSetMinus, 0, {}},
    Sign{"\u00b0", Tok::kDegree, 0, {}},
    Sign{"\u2032", Tok::kPrime, 0, {}},
    Sign{"\u2019", Tok::kPrime, 0, {}},
    Sign{"\u2026", Tok::kDots, 0, {}},
    Sign{"\uff0c", Tok::kComma, 0, {}},
    Sign{"\u3001", Tok::kComma, 0, {}},
    Sign{"\uff1a", Tok::kColon, 0, {}},
    Sign{"\uff1b", Tok::kSemicolon, 0, {}},
    Sign{"\uff08", Tok::kOpenParen, 0, {}},
    Sign{"\uff09", Tok::kCloseParen, 0, {}},
    Sign{"\u27e8", Tok::kOpenAngle, 0, {}},
    Sign{"\u27e9", Tok::kCloseAngle, 0, {}},
    Sign{"\u230a", Tok::kOpenFloor, 0, {}},
    Sign{"\u230b", Tok::kCloseFloor, 0, {}},
    Sign{"\u2308", Tok::kOpenCeil, 0, {}},
    Sign{"\u2309", Tok::kCloseCeil, 0, {}},
    Sign{"\u211d", Tok::kName, 0, "R"},
    Sign{"\u03b1", Tok::kName, 0, "alpha"},
    Sign{"\u03b2", Tok::kName, 0, "beta"},
    Sign{"\u03b3", Tok::kName, 0, "gamma"},
    Sign{"\u03b8", Tok::kName, 0, "theta"},
    Sign{"\u03bb", Tok::kName, 0, "lambda"},
    Sign{"\u03bc", Tok::kName, 0, "mu"},
    Sign{"\u03c6", Tok::kName, 0, "phi"},
    Sign{"\u03c9", Tok::kName, 0, "omega"},
};

// Signs that say nothing: spaces, currencies, quotes.
inline constexpr std::array<std::string_view, 13> kNothing = {
    "\u00a0", "\u2009", "\u202f", "\u200b", "\u2061", "\u2062", "\u20ac",
    "\u00a3", "\u00a5", "\u201c", "\u201d", "\u2003", "\ufeff"};

// Signs that abbreviate a power or a fraction.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kPowers = {
    {{"\u00b2", "2"},
     {"\u00b3", "3"},
     {"\u00b9", "1"},
     {"\u2070", "0"},
     {"\u2074", "4"},
     {"\u2075", "5"},
     {"\u2076", "6"},
     {"\u2077", "7"},
     {"\u2078", "8"},
     {"\u2079", "9"},
     {"\u207f", "n"},
     {"\u00bd", "1/2"},
     {"\u00bc", "1/4"},
     {"\u00be", "3/4"}}};

}  // namespace tempo::reward::math
