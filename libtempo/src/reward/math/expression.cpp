// The parser's rules of sums, products and powers.
#include "exact.h"
#include "parser_state.h"

namespace tempo::reward::math {

using std::size_t;

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
    case kOpenGroup:
    case kOpenFloor:
    case kOpenCeil:
    case kInfinity:
    case kBegin:
    case kOpenAngle:
      return true;
    case kOpenBracket:  // not the end of "]a, b["
      return peek(1).kind != kEnd && peek(1).kind != kCup && peek(1).kind != kComma;
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
    // "3 x 10^5"
    const bool letter = at(Tok::kName) && (peek().text == "x" || peek().text == "X") &&
                        peek(1).text == "10" && peek(2).kind == Tok::kCaret;
    if (take(Tok::kTimes) || (letter && take(Tok::kName))) {
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
    } else if (at(Tok::kUnderscore) && tree_.is(node, Kind::kNumber)) {
      node = based(node);  // "(101)_2"
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

NodeId Parser::function() {
  const auto which = static_cast<Function>(peek().detail);
  const std::string_view written = peek().text;
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
  const auto exponent = power >= 0 ? exact_value(tree_, power) : std::nullopt;
  const bool inverse = exponent && *exponent == Rational(-1);
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

}  // namespace tempo::reward::math
