// The parser's rules of expressions.
#include "parser_state.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

bool all_digits(string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

NodeId Parser::call(Function function, std::initializer_list<NodeId> kids) {
  return tree_.add(Kind::kFunction, kids, static_cast<std::int32_t>(function));
}

NodeId Parser::sum() {
  const Level level(depth_);
  const size_t mark = stack_.size();
  bool first = true;
  for (;; first = false) {
    bool negative = false;
    Kind both = Kind::kAdd;
    bool sign = false;
    for (;; sign = true) {
      if (take(Tok::kMinus)) {
        negative = !negative;
      } else if (take(Tok::kPlusMinus)) {
        both = Kind::kPlusMinus;
      } else if (take(Tok::kMinusPlus)) {
        both = Kind::kMinusPlus;
      } else if (!take(Tok::kPlus)) {
        break;
      }
      tree_.budget.spend(1);
    }
    if (!first && !sign) break;
    NodeId term = product();
    if (negative) {
      const bool literal = tree_.is(term, Kind::kNumber);
      term = literal ? tree_.number(negated(tree_.value(term))) : tree_.add(Kind::kNegate, {term});
    }
    if (both != Kind::kAdd) term = tree_.add(both, {term});
    stack_.push_back(term);
  }
  if (stack_.size() == mark + 1) {
    const NodeId only = stack_.back();
    stack_.pop_back();
    return only;
  }
  return tree_.add_from(Kind::kAdd, stack_, mark);
}

bool Parser::starts_factor() const {
  using enum Tok;
  const Token& token = peek();
  if (token.in_text) return false;
  switch (token.kind) {
    case kNumber:
    case kFraction:
    case kBinomial:
    case kSqrt:
    case kStyle:
    case kFunction:
    case kOpenParen:
    case kOpenBracket:
    case kOpenGroup:
    case kOpenFloor:
    case kOpenCeil:
    case kInfinity:
    case kBegin:
    case kOpenAngle:
      return true;
    case kName: {
      const bool is_union = (token.text == "U" || token.text == "u") && at_ > 0 &&
                            (tokens_[at_ - 1].kind == kCloseParen || tokens_[at_ - 1].kind == kCloseBracket ||
                             tokens_[at_ - 1].kind == kCloseSet);
      return !is_union;
    }
    case kBar:
    case kDoubleBar:
      return !bar_closes_;
    default:
      return false;
  }
}

NodeId Parser::product() {
  const Level level(depth_);
  const size_t mark = stack_.size();
  stack_.push_back(factor());
  for (;;) {
    if (take(Tok::kTimes)) {
      const bool minus = take(Tok::kMinus);
      const NodeId next = factor();
      stack_.push_back(minus ? tree_.add(Kind::kNegate, {next}) : next);
    } else if (at(Tok::kSlash) && peek(1).kind != Tok::kWord) {
      ++at_;
      const bool minus = take(Tok::kMinus);
      const NodeId next = factor();
      stack_.push_back(tree_.add(Kind::kInverse, {minus ? tree_.add(Kind::kNegate, {next}) : next}));
    } else if (starts_factor()) {
      stack_.push_back(factor());
    } else {
      break;
    }
  }
  if (stack_.size() == mark + 1) {
    const NodeId only = stack_.back();
    stack_.pop_back();
    return only;
  }
  return tree_.add_from(Kind::kMultiply, stack_, mark);
}

NodeId Parser::factor() { return postfix(primary()); }

NodeId Parser::postfix(NodeId node) {
  for (int count = 0;; ++count) {
    if (count > 8) throw NotDecided{"nested too deep"};
    if (at(Tok::kCaret)) {
      node = power_of(node);
    } else if (at(Tok::kBang) && !(peek(1).kind == Tok::kRelation && !peek(1).spaced)) {
      ++at_;
      node = call(Function::kFactorial, {node});
    } else if (take(Tok::kPercent)) {
      node = tree_.add(Kind::kPercent, {node});
    } else if (take(Tok::kDegree)) {
      node = tree_.add(Kind::kDegree, {node});
    } else {
      return node;
    }
  }
}

NodeId Parser::power_of(NodeId base) {
  ++at_;
  const bool grouped = at(Tok::kOpenGroup) && peek(1).kind == Tok::kDegree;
  if (at(Tok::kDegree) || grouped) {
    at_ += grouped ? 2 : 1;
    if (grouped) expect(Tok::kCloseGroup);
    return tree_.add(Kind::kDegree, {base});
  }
  return tree_.add(Kind::kPower, {base, exponent()});
}

NodeId Parser::exponent() {
  const Level level(depth_);
  const bool minus = take(Tok::kMinus);
  take(Tok::kPlus);
  NodeId node = at(Tok::kNumber) ? literal() : primary();
  if (at(Tok::kCaret)) node = power_of(node);
  return minus ? tree_.add(Kind::kNegate, {node}) : node;
}

NodeId Parser::primary() {
  using enum Tok;
  switch (peek().kind) {
    case kNumber:
      return number();
    case kName:
      return name();
    case kStyle:
      return style();
    case kFraction:
      return fraction();
    case kSqrt:
      return root();
    case kBinomial:
      return binomial();
    case kFunction:
      return function();
    case kOpenParen:
    case kOpenBracket:
      return parenthesised();
    case kCloseBracket:
      return french_interval();
    case kOpenSet:
      return set();
    case kOpenGroup:
      return group();
    case kOpenAngle:
      return angled();
    case kOpenFloor:
      return enclosed(kCloseFloor, Function::kFloor);
    case kOpenCeil:
      return enclosed(kCloseCeil, Function::kCeil);
    case kBar:
      return enclosed(kBar, Function::kAbs);
    case kDoubleBar:
      return enclosed(kDoubleBar, Function::kNorm);
    case kBegin:
      return matrix();
    case kInfinity:
      ++at_;
      return tree_.add(Kind::kInfinity);
    case kEmptySet:
      ++at_;
      return tree_.add(Kind::kSet);
    case kDots:
      ++at_;
      return tree_.add(Kind::kDots);
    default:
      throw Unreadable{};
  }
}

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
  if (decimal && at(Tok::kStyle) && (peek().text == "overline" || peek().text == "bar")) {
    const bool group = peek(1).kind == Tok::kOpenGroup;
    const Token& digit = peek(group ? 2 : 1);
    if (digit.kind == Tok::kNumber && all_digits(digit.text)) {
      repeating = digit.text;
      at_ += group ? 3 : 2;
      if (group) expect(Tok::kCloseGroup);
    }
  }
  const NodeId value = tree_.number(number_of(digits, repeating, exponent, tree_.budget));
  if (at(Tok::kUnderscore)) {
    ++at_;
    const NodeId base = argument();
    const auto radix = tree_.is(base, Kind::kNumber) ? tree_.value(base).word() : std::nullopt;
    if (!radix || *radix < 2 || *radix > 1000) throw Unreadable{};
    return tree_.add(Kind::kBase, {value}, static_cast<std::int32_t>(*radix));
  }
  return all_digits(digits) ? mixed(value) : value;
}

// Takes the fraction of a mixed number, as in "5 \frac12" and "1 1/2".
NodeId Parser::mixed(NodeId whole) {
  const auto plus = [&](NodeId top, NodeId bottom) {
    const Rational part = divide(tree_.value(top), tree_.value(bottom), tree_.budget);
    return tree_.number(math::add(tree_.value(whole), part, tree_.budget));
  };
  const bool plain = at(Tok::kNumber) && peek().spaced && all_digits(peek().text) &&
                     peek(1).kind == Tok::kSlash && peek(2).kind == Tok::kNumber && all_digits(peek(2).text);
  if (plain && tree_.value(whole).sign() > 0) {
    const NodeId top = tree_.number(number_of(peek().text, {}, 0, tree_.budget));
    const NodeId bottom = tree_.number(number_of(peek(2).text, {}, 0, tree_.budget));
    at_ += 3;
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
  ++at_;
  NodeId index = -1;
  if (take(Tok::kOpenBracket)) {
    index = sum();
    expect(Tok::kCloseBracket);
  }
  if (at(Tok::kOpenGroup) && peek(1).kind == Tok::kCloseGroup) at_ += 2;  // \sqrt{}{3}
  const NodeId below = at(Tok::kOpenParen) ? primary() : argument();
  if (index < 0) return call(Function::kRoot, {below});
  return call(Function::kRoot, {below, index});
}

NodeId Parser::binomial() {
  ++at_;
  const NodeId top = argument();
  return call(Function::kBinomial, {top, argument()});
}

NodeId Parser::function() {
  const auto which = static_cast<Function>(peek().detail);
  const string_view written = peek().text;
  ++at_;
  NodeId base = -1, power = -1;
  for (;;) {
    if (at(Tok::kUnderscore) && base < 0) {
      ++at_;
      base = argument();
    } else if (at(Tok::kCaret) && power < 0) {
      ++at_;
      power = exponent();
    } else {
      break;
    }
  }
  if (which == Function::kLog && base < 0 && written == "lg") base = tree_.number(10);
  const NodeId below = function_argument();
  const bool inverse = power >= 0 && tree_.is(power, Kind::kNegate) &&
                       tree_.is(tree_.kid(power, 0), Kind::kNumber) &&
                       tree_.value(tree_.kid(power, 0)) == Rational(1);
  const bool arc = inverse && which >= Function::kSin && which <= Function::kTan;
  if (arc) return call(static_cast<Function>(static_cast<int>(which) + 6), {below});
  NodeId node = base >= 0 ? call(which, {below, base}) : call(which, {below});
  if (power >= 0) node = tree_.add(Kind::kPower, {node, power});
  return node;
}

// "sin 2x cos y": the argument without brackets is a product up to the next function.
NodeId Parser::function_argument() {
  const Level level(depth_);
  if (at(Tok::kOpenParen) || at(Tok::kOpenBracket) || at(Tok::kBar)) return primary();
  if (at(Tok::kOpenGroup)) return group();
  const bool minus = take(Tok::kMinus);
  const size_t mark = stack_.size();
  if (at(Tok::kFunction)) return function();
  do {
    NodeId next = primary();
    while (at(Tok::kCaret) || at(Tok::kDegree)) {
      if (at(Tok::kCaret)) {
        next = power_of(next);
      } else {
        ++at_;
        next = tree_.add(Kind::kDegree, {next});
      }
    }
    stack_.push_back(next);
    if (at(Tok::kSlash) && peek(1).kind == Tok::kNumber) {
      ++at_;
      const NodeId divisor = primary();
      stack_.push_back(tree_.add(Kind::kInverse, {divisor}));
    }
  } while (at(Tok::kName) || at(Tok::kNumber) || at(Tok::kFraction) || at(Tok::kSqrt));
  NodeId node = stack_.back();
  if (stack_.size() == mark + 1) {
    stack_.pop_back();
  } else {
    node = tree_.add_from(Kind::kMultiply, stack_, mark);
  }
  return minus ? tree_.add(Kind::kNegate, {node}) : node;
}

NodeId Parser::parenthesised() {
  const Level level(depth_);
  const char open = at(Tok::kOpenParen) ? '(' : '[';
  ++at_;
  if (take(Tok::kCloseParen) || take(Tok::kCloseBracket))
    return tree_.retag(tree_.add(Kind::kTuple), Kind::kTuple, open, ')');
  const bool outer = bar_closes_;
  bar_closes_ = false;
  NodeId node = list();
  bar_closes_ = outer;
  const char close = at(Tok::kCloseBracket) ? ']' : ')';
  if (!take(Tok::kCloseParen)) expect(Tok::kCloseBracket);
  const bool is_list = tree_.is(node, Kind::kList);
  if (is_list) return tree_.retag(node, Kind::kTuple, open, close);
  const bool matches = (open == '(') == (close == ')');
  if (matches) return node;
  return tree_.retag(tree_.add(Kind::kTuple, {node}), Kind::kTuple, open, close);
}

// "]a, b[" is open at both ends.
NodeId Parser::french_interval() {
  const Level level(depth_);
  ++at_;
  const NodeId node = list();
  if (!tree_.is(node, Kind::kList)) throw Unreadable{};
  const char close = at(Tok::kOpenBracket) ? ')' : ']';
  if (!take(Tok::kOpenBracket)) expect(Tok::kCloseBracket);
  return tree_.retag(node, Kind::kTuple, '(', close);
}

NodeId Parser::set() {
  const Level level(depth_);
  ++at_;
  if (take(Tok::kCloseSet)) return tree_.add(Kind::kSet);
  const bool outer = bar_closes_;
  bar_closes_ = true;
  NodeId node = list();
  bar_closes_ = outer;
  if (take(Tok::kBar) || take(Tok::kSuchThat)) {
    node = list();
    expect(Tok::kCloseSet);
    return node;
  }
  expect(Tok::kCloseSet);
  if (tree_.is(node, Kind::kList)) return tree_.retag(node, Kind::kSet, 0, 0);
  if (tree_.is(node, Kind::kColon) && tree_[node].count == 2 && tree_.is(tree_.kid(node, 1), Kind::kRelation))
    return tree_.kid(node, 1);
  return tree_.add(Kind::kSet, {node});
}

NodeId Parser::group() {
  const Level level(depth_);
  ++at_;
  if (take(Tok::kCloseGroup)) return tree_.named(Kind::kText, "");
  const bool outer = bar_closes_;
  bar_closes_ = false;
  const NodeId node = list();
  bar_closes_ = outer;
  if (take(Tok::kChoose)) {
    const NodeId below = list();
    expect(Tok::kCloseGroup);
    return call(Function::kBinomial, {node, below});
  }
  expect(Tok::kCloseGroup);
  return node;
}

NodeId Parser::angled() {
  const Level level(depth_);
  ++at_;
  const NodeId node = list();
  expect(Tok::kCloseAngle);
  if (tree_.is(node, Kind::kList)) return tree_.retag(node, Kind::kTuple, '(', ')');
  return node;
}

NodeId Parser::enclosed(Tok close, Function function) {
  const Level level(depth_);
  ++at_;
  const bool outer = bar_closes_;
  bar_closes_ = close == Tok::kBar || close == Tok::kDoubleBar || outer;
  const NodeId node = list();
  bar_closes_ = outer;
  expect(close);
  return call(function, {node});
}

NodeId Parser::matrix() {
  const Level level(depth_);
  const auto environment = static_cast<Environment>(peek().detail);
  ++at_;
  const size_t mark = stack_.size();
  std::int32_t columns = 0, column = 0;
  while (!at(Tok::kFinish) && !at(Tok::kEnd)) {
    tree_.budget.spend(1);
    const bool empty = at(Tok::kAmpersand) || at(Tok::kRow);
    stack_.push_back(empty ? tree_.named(Kind::kText, "") : item());
    while (at(Tok::kComma) || at(Tok::kSemicolon) || at(Tok::kDot) || at(Tok::kGap)) ++at_;
    columns = std::max(columns, ++column);
    if (take(Tok::kAmpersand)) continue;
    if (!take(Tok::kRow)) break;
    column = 0;
  }
  expect(Tok::kFinish);
  if (environment == Environment::kRows && columns <= 1) {
    if (stack_.size() == mark + 1) {
      const NodeId only = stack_.back();
      stack_.pop_back();
      return only;
    }
    return tree_.retag(tree_.add_from(Kind::kList, stack_, mark), Kind::kList, ',', 0);
  }
  return tree_.add_from(Kind::kMatrix, stack_, mark, std::max(columns, 1));
}

}  // namespace tempo::reward::math
