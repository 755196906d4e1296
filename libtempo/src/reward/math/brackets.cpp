// The parser's rules of what stands in brackets and of matrices.
#include "parser_state.h"

namespace tempo::reward::math {

using std::size_t;

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
  if (tree_.is(node, Kind::kRelation) && tree_.is(tree_.kid(node, 0), Kind::kColon)) {  // {x : x > 3}
    auto sides = tree_.kids(node);
    sides[0] = tree_.kid(sides[0], 1);
    return tree_.with_kids(node, sides);
  }
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
  if (at(Tok::kChoose) || at(Tok::kOver)) {
    const bool over = at(Tok::kOver);
    ++at_;
    const NodeId below = list();
    expect(Tok::kCloseGroup);
    if (over) return tree_.add(Kind::kMultiply, {node, tree_.add(Kind::kInverse, {below})});
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
  if (environment == Environment::kAligned) {
    while (take(Tok::kAmpersand) || take(Tok::kRow)) {
    }
    const NodeId node = list();
    expect(Tok::kFinish);
    return node;
  }
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
  if (environment == Environment::kCases && columns <= 1) {
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
