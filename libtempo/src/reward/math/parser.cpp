#include "parser.h"

#include <algorithm>
#include <array>
#include <span>

#include "parser_state.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

// Returns the number that an English word stands for, or -1.
int number_word(string_view word) {
  constexpr std::array<string_view, 21> kWords = {
      "zero",     "one",     "two",     "three",     "four",     "five",     "six",
      "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
      "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};
  std::string lower(word.substr(0, 12));
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const auto found = std::find(kWords.begin(), kWords.end(), lower);
  return found == kWords.end() ? -1 : static_cast<int>(found - kWords.begin());
}

// Returns what a word multiplies the number in front of it with, or 0.
std::int64_t multiplier(string_view word) {
  constexpr std::array<std::pair<string_view, std::int64_t>, 5> kWords = {{{"hundred", 100},
                                                                           {"thousand", 1000},
                                                                           {"million", 1'000'000},
                                                                           {"billion", 1'000'000'000},
                                                                           {"trillion", 1'000'000'000'000}}};
  const auto found =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& pair) { return pair.first == word; });
  return found == kWords.end() ? 0 : found->second;
}

bool is_noise(const Token& token) {
  return token.kind == Tok::kDot || token.kind == Tok::kComma || token.kind == Tok::kSemicolon ||
         token.kind == Tok::kGap || token.kind == Tok::kRow || token.kind == Tok::kColon ||
         token.kind == Tok::kAmpersand || (token.kind == Tok::kUnknown && token.text.empty());
}

bool ends_side(Tok kind) {
  using enum Tok;
  constexpr std::array kEnds = {kEnd,      kComma,      kSemicolon, kAnd,       kOr,         kGap,
                                kRelation, kRow,        kCup,       kCap,       kCloseParen, kCloseBracket,
                                kCloseSet, kCloseGroup, kFinish,    kAmpersand, kSetMinus};
  return std::find(kEnds.begin(), kEnds.end(), kind) != kEnds.end();
}

// Brackets inside \text{} are part of the words.
bool ends_unit(const Token& token) {
  const bool bracket = token.kind == Tok::kCloseParen || token.kind == Tok::kCloseBracket;
  return ends_side(token.kind) && !(token.in_text && bracket);
}

bool is_filler(string_view word) {
  constexpr std::array<string_view, 8> kFillers = {"approximately", "about", "exactly", "roughly",
                                                   "USD",           "EUR",   "GBP",     "Rs"};
  return std::find(kFillers.begin(), kFillers.end(), word) != kFillers.end();
}

void append_lower(std::string& text, string_view more) {
  for (const char c : more) text += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

std::string plain(std::span<const Token> tokens) {
  std::string text;
  for (const Token& token : tokens) {
    const bool quiet = is_noise(token) || token.kind == Tok::kPrime || token.kind == Tok::kOpenGroup ||
                       token.kind == Tok::kCloseGroup;
    if (!quiet) append_lower(text, token.text);
  }
  return text;
}

}  // namespace

bool Parser::take(Tok kind) {
  if (!at(kind)) return false;
  ++at_;
  return true;
}

void Parser::expect(Tok kind) {
  if (!take(kind) && !at(Tok::kEnd)) throw Unreadable{};
}

std::string Parser::text_between(size_t begin, size_t end) const {
  return plain(std::span(tokens_).subspan(begin, end - begin));
}

NodeId Parser::answer() {
  trim();
  if (at(Tok::kEnd)) throw Unreadable{};
  const NodeId node = list();
  if (!at(Tok::kEnd)) throw Unreadable{};
  return node;
}

void Parser::trim() {
  while (tokens_.size() > 1 && is_noise(tokens_[tokens_.size() - 2])) tokens_.erase(tokens_.end() - 2);
  while (at_ + 1 < tokens_.size() && is_noise(tokens_[at_])) ++at_;
}

char Parser::separator() {
  char found = 0;
  for (;; ++at_) {
    const Tok kind = peek().kind;
    if (kind == Tok::kAnd) {
      found = '&';
    } else if (kind == Tok::kOr) {
      found = '|';
    } else if (kind == Tok::kComma || kind == Tok::kSemicolon || kind == Tok::kGap || kind == Tok::kRow) {
      if (found == 0) found = ',';
    } else if (kind != Tok::kAmpersand && kind != Tok::kColon) {
      return found;
    } else if (kind == Tok::kColon && found == 0) {
      return found;
    }
  }
}

NodeId Parser::list() {
  const Level level(depth_);
  const size_t mark = stack_.size();
  char joined = 0;
  for (;;) {
    stack_.push_back(item());
    const size_t before = at_;
    const char how = separator();
    if (how == 0) break;
    if (ends_side(peek().kind) && !at(Tok::kRelation)) {
      const bool closes = !at(Tok::kEnd);
      if (closes && peek(0).kind == Tok::kAmpersand) at_ = before;
      break;
    }
    if (joined == 0 || how != ',') joined = how;
  }
  if (stack_.size() == mark + 1) {
    const NodeId only = stack_.back();
    stack_.pop_back();
    return only;
  }
  return tree_.retag(tree_.add_from(Kind::kList, stack_, mark), Kind::kList, joined, 0);
}

// Whether a relation follows, perhaps in the next row of an alignment.
bool Parser::continues_chain() {
  size_t ahead = 0;
  while (peek(ahead).kind == Tok::kRow || peek(ahead).kind == Tok::kAmpersand) ++ahead;
  if (peek(ahead).kind != Tok::kRelation) return false;
  at_ += ahead;
  return true;
}

NodeId Parser::item() {
  const size_t mark = stack_.size();
  std::vector<Relation> signs;
  if (!at(Tok::kRelation)) stack_.push_back(side());
  while (continues_chain()) {
    const auto sign = static_cast<Relation>(peek().detail);
    ++at_;
    take(Tok::kAmpersand);
    if (at(Tok::kRelation) || (at(Tok::kEnd) && stack_.size() > mark)) continue;
    const NodeId next = side();
    if (stack_.size() > mark) signs.push_back(sign);
    stack_.push_back(next);
    take(Tok::kAmpersand);
  }
  if (stack_.size() == mark) throw Unreadable{};
  if (stack_.size() == mark + 1) {
    const NodeId only = stack_.back();
    stack_.pop_back();
    return only;
  }
  return tree_.relation(stack_, mark, signs);
}

NodeId Parser::side() {
  const Level level(depth_);
  take(Tok::kAmpersand);
  while (at(Tok::kWord) && is_filler(peek().text) && !ends_side(peek(1).kind)) ++at_;
  if (at(Tok::kOpaque)) return opaque();
  if (const NodeId node = letter_digits(); node >= 0) return node;
  if (at(Tok::kWord)) return words();
  const NodeId first = with_unit(union_of_sets());
  const auto is_ratio = [&] { return at(Tok::kColon) || (at(Tok::kWord) && peek().text == "to"); };
  if (!is_ratio()) return first;
  const size_t mark = stack_.size();
  stack_.push_back(first);
  while (is_ratio()) {
    ++at_;
    stack_.push_back(with_unit(union_of_sets()));
  }
  return with_unit(tree_.add_from(Kind::kColon, stack_, mark));
}

NodeId Parser::words() {
  const int value = number_word(peek().text);
  if (value >= 0) {
    ++at_;
    return with_unit(tree_.number(value));
  }
  const size_t begin = at_;
  while (!ends_side(peek().kind)) {
    tree_.budget.spend(1);
    ++at_;
  }
  return tree_.named(Kind::kText, text_between(begin, at_));
}

// Takes words behind a quantity, and what belongs to them: "cm^2", "miles/hour".
NodeId Parser::with_unit(NodeId node) {
  if (at(Tok::kWord)) {
    if (const std::int64_t scale = multiplier(peek().text); scale > 0) {
      ++at_;
      node = tree_.add(Kind::kMultiply, {node, tree_.number(scale)});
    }
  }
  const size_t begin = at_;
  const bool ratio = at(Tok::kWord) && peek().text == "to" && peek(1).kind == Tok::kNumber;
  if (ratio || (!at(Tok::kWord) && !peek().in_text && !at(Tok::kModulo))) return node;
  while (!ends_unit(peek())) {
    tree_.budget.spend(1);
    if (at(Tok::kCaret)) {
      ++at_;
      argument();
      continue;
    }
    const bool more = at(Tok::kWord) || peek().in_text || at(Tok::kNumber) || at(Tok::kSlash) ||
                      at(Tok::kDot) || at(Tok::kMinus) || at(Tok::kTimes) || at(Tok::kModulo) ||
                      at(Tok::kName);
    if (!more) break;
    const bool modulo = at(Tok::kModulo);
    ++at_;
    if (modulo && at(Tok::kOpenGroup)) group();
  }
  if (at_ == begin) return node;
  const NodeId unit = tree_.named(Kind::kUnit, text_between(begin, at_));
  return tree_.add(Kind::kUnit, {node}, tree_[unit].data);
}

bool Parser::takes_union(Kind& kind) {
  const bool letter = at(Tok::kName) && (peek().text == "U" || peek().text == "u");
  const Tok next = peek(1).kind;
  if (at(Tok::kCup) ||
      (letter && (next == Tok::kOpenParen || next == Tok::kOpenBracket || next == Tok::kOpenSet))) {
    kind = Kind::kUnion;
  } else if (at(Tok::kCap)) {
    kind = Kind::kIntersection;
  } else if (at(Tok::kSetMinus)) {
    kind = Kind::kDifference;
  } else {
    return false;
  }
  ++at_;
  return true;
}

NodeId Parser::union_of_sets() {
  NodeId node = sum();
  const bool less_points = tree_.is(node, Kind::kAdd) && tree_[node].count == 2 &&
                           tree_.is(tree_.kid(node, 1), Kind::kNegate) &&
                           tree_.is(tree_.kid(tree_.kid(node, 1), 0), Kind::kSet);
  if (less_points)
    node = tree_.add(Kind::kDifference, {tree_.kid(node, 0), tree_.kid(tree_.kid(node, 1), 0)});
  for (Kind kind{}; takes_union(kind);) {
    const size_t mark = stack_.size();
    if (kind == Kind::kUnion && tree_.is(node, Kind::kUnion)) {
      for (const NodeId kid : tree_.kids(node)) stack_.push_back(kid);
    } else {
      stack_.push_back(node);
    }
    stack_.push_back(sum());
    node = tree_.add_from(kind, stack_, mark);
  }
  return node;
}

// Sums, integrals and limits are not computed: all up to a relation is their name.
NodeId Parser::opaque() {
  const size_t begin = at_++;
  for (int depth = 0; !at(Tok::kEnd); ++at_) {
    tree_.budget.spend(1);
    const bool opens = at(Tok::kOpenGroup) || at(Tok::kOpenParen) || at(Tok::kOpenSet);
    const bool closes = at(Tok::kCloseGroup) || at(Tok::kCloseParen) || at(Tok::kCloseSet);
    if (depth == 0 && (closes || ends_side(peek().kind))) break;
    depth += opens ? 1 : closes ? -1 : 0;
  }
  return tree_.named(Kind::kOpaque, text_between(begin, at_));
}

std::optional<NodeId> read_answer(string_view answer, Tree& tree) {
  Parser parser(read_tokens(answer, tree.budget), tree);
  try {
    return parser.answer();
  } catch (const Unreadable&) {
    return std::nullopt;
  }
}

std::string plain_text(string_view answer, Budget& budget) { return plain(read_tokens(answer, budget)); }

}  // namespace tempo::reward::math
