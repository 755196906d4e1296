// The parser's rules of numbers, names, fractions and roots.
#include <array>

#include "parser_state.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

bool all_digits(string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

NodeId Parser::number() {
  const Token token = peek();
  ++at_;
  string_view digits = token.text, repeating;
  std::int64_t exponent = 0;
  if (const size_t e = digits.find_first_of("eE"); e != digits.npos) {
    const string_view power = digits.substr(e + 1);
    if (power.size() > 6) throw NotDecided{"the numbers are too large"};
    exponent = std::stoll(std::string(power));
    digits = digits.substr(0, e);
  }
  const bool decimal = digits.find('.') != digits.npos;
  if (decimal && at(Tok::kStyle) &&
      (peek().text == "overline" || peek().text == "bar" || peek().text == "dot")) {
    const bool group = peek(1).kind == Tok::kOpenGroup;
    const Token& digit = peek(group ? 2 : 1);
    if (digit.kind == Tok::kNumber && all_digits(digit.text)) {
      repeating = digit.text;
      at_ += group ? 3 : 2;
      if (group) expect(Tok::kCloseGroup);
    }
  }
  const NodeId value = tree_.number(number_of(digits, repeating, exponent, tree_.budget));
  if (at(Tok::kUnderscore)) return based(value);
  if (at(Tok::kWord) && peek().text == "base" && peek(1).kind == Tok::kNumber) return based(value);
  return all_digits(digits) ? mixed(value) : value;
}

// Takes the fraction of a mixed number, as in "5 \frac12", "1 1/2" and "2{1 \over 4}".
NodeId Parser::mixed(NodeId whole) {
  const auto plus = [&](NodeId top, NodeId bottom) {
    const Rational part = divide(tree_.value(top), tree_.value(bottom), tree_.budget);
    return tree_.number(math::add(tree_.value(whole), part, tree_.budget));
  };
  const auto is_fraction = [&](std::size_t first, Tok between) {
    return peek(first).kind == Tok::kNumber && all_digits(peek(first).text) &&
           peek(first + 1).kind == between && peek(first + 2).kind == Tok::kNumber &&
           all_digits(peek(first + 2).text);
  };
  const bool plain = is_fraction(0, Tok::kSlash) && peek().spaced;
  const bool over = at(Tok::kOpenGroup) && is_fraction(1, Tok::kOver) && peek(4).kind == Tok::kCloseGroup;
  if ((plain || over) && tree_.value(whole).sign() > 0) {
    at_ += over ? 1 : 0;
    const NodeId top = tree_.number(number_of(peek().text, {}, 0, tree_.budget));
    const NodeId bottom = tree_.number(number_of(peek(2).text, {}, 0, tree_.budget));
    at_ += over ? 4 : 3;
    return plus(top, bottom);
  }
  if (!at(Tok::kFraction) || tree_.value(whole).sign() <= 0) return whole;
  const NodeId part = fraction();
  const bool proper = tree_.is(part, Kind::kMultiply) && tree_.is(tree_.kid(part, 0), Kind::kNumber) &&
                      tree_.is(tree_.kid(tree_.kid(part, 1), 0), Kind::kNumber);
  if (proper) {
    const NodeId top = tree_.kid(part, 0), bottom = tree_.kid(tree_.kid(part, 1), 0);
    const bool positive =
        tree_.value(top).sign() > 0 && tree_.value(top).word() && tree_.value(bottom).sign() > 0;
    if (positive) return plus(top, bottom);
  }
  return tree_.add(Kind::kMultiply, {whole, part});
}

NodeId Parser::name() {
  const string_view letter = peek().text;
  ++at_;
  std::string full(letter);
  if (at(Tok::kUnderscore)) full += subscript();
  while (take(Tok::kPrime)) full += '\'';
  if (full == "pi") return tree_.add(Kind::kConstant, {}, static_cast<std::int32_t>(Constant::kPi));
  if (full == "e") return tree_.add(Kind::kConstant, {}, static_cast<std::int32_t>(Constant::kE));
  if (full == "i") return tree_.add(Kind::kConstant, {}, static_cast<std::int32_t>(Constant::kI));
  return tree_.named(Kind::kName, full);
}

// Takes "_1" or "_{n+1}" and returns it without braces.
std::string Parser::subscript() {
  std::string text = "_";
  ++at_;
  if (!at(Tok::kOpenGroup)) {
    text += text_between(at_, std::min(at_ + 1, tokens_.size() - 1));
    if (!at(Tok::kEnd)) ++at_;
    return text;
  }
  const size_t begin = at_;
  int depth = 0;
  do {
    tree_.budget.spend(1);
    depth += at(Tok::kOpenGroup) ? 1 : at(Tok::kCloseGroup) ? -1 : 0;
    if (!at(Tok::kEnd)) ++at_;
  } while (depth > 0 && !at(Tok::kEnd));
  return text + text_between(begin, at_);
}

// Vectors, hats, bars: part of a name; numbers and expressions below them are what they are.
NodeId Parser::style() {
  const string_view what = peek().text;
  ++at_;
  const bool group = at(Tok::kOpenGroup);
  const Token& content = peek(group ? 1 : 0);
  const bool single = content.kind == Tok::kName && (!group || peek(2).kind == Tok::kCloseGroup);
  if (!single) return argument();
  at_ += group ? 3 : 1;
  const bool blackboard = what == "mathbb";
  const bool line = what == "bar" || what == "overline" || what == "overbar";
  std::string full(blackboard ? "" : line ? "bar " : "vec ");
  full += content.text;
  if (at(Tok::kUnderscore)) full += subscript();
  return tree_.named(Kind::kName, full);
}

NodeId Parser::argument() {
  const Level level(depth_);
  if (at(Tok::kOpenGroup)) return group();
  if (at(Tok::kNumber) && peek().text.size() > 1 && all_digits(peek().text)) {
    Token& token = tokens_[at_];  // \frac12 is 1 over 2
    const NodeId digit = tree_.number(token.text[0] - '0');
    token.text.remove_prefix(1);
    return digit;
  }
  if (at(Tok::kMinus)) {
    ++at_;
    return tree_.add(Kind::kNegate, {argument()});
  }
  return at(Tok::kNumber) ? literal() : primary();
}

// A number and nothing that may belong to it.
NodeId Parser::literal() {
  const NodeId value = tree_.number(number_of(peek().text, {}, 0, tree_.budget));
  ++at_;
  return value;
}

NodeId Parser::fraction() {
  ++at_;
  const NodeId top = argument();
  const NodeId bottom = argument();
  return tree_.add(Kind::kMultiply, {top, tree_.add(Kind::kInverse, {bottom})});
}

NodeId Parser::root() {
  const bool whole_number = peek().detail == 1;  // "sqrt12", where \sqrt12 is a root of 1 times 2
  ++at_;
  NodeId index = -1;
  if (take(Tok::kOpenBracket)) {
    index = sum();
    expect(Tok::kCloseBracket);
  }
  if (at(Tok::kOpenGroup) && peek(1).kind == Tok::kCloseGroup) at_ += 2;  // "\sqrt{}{3}"
  const NodeId below = at(Tok::kOpenParen)                ? primary()
                       : whole_number && at(Tok::kNumber) ? literal()
                                                          : argument();
  if (index < 0) return call(Function::kRoot, {below});
  return call(Function::kRoot, {below, index});
}

NodeId Parser::binomial() {
  ++at_;
  const NodeId top = argument();
  return call(Function::kBinomial, {top, argument()});
}

}  // namespace tempo::reward::math
