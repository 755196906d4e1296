// The parser: parser.cpp has the rules of answers, expression.cpp, atoms.cpp and brackets.cpp those of
// expressions.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tree.h"

namespace tempo::reward::math {

// Thrown inside the parser where the tokens are not an answer.
struct Unreadable {};

class Parser {
 public:
  Parser(std::vector<Token> tokens, Tree& tree) : tokens_(std::move(tokens)), tree_(tree) {}

  NodeId answer();

 private:
  // Counts a level of recursion for as long as it lives.
  class Level {
   public:
    explicit Level(std::size_t& depth) : depth_(depth) {
      if (++depth_ > kMaxDepth) throw NotDecided{"nested too deep"};
    }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    std::size_t& depth_;
  };

  // Answers.
  void trim();
  NodeId list();
  char separator();  // takes separators; 0: none stand here
  NodeId item();
  bool continues_chain();
  NodeId side();
  NodeId words();
  NodeId with_unit(NodeId node);
  NodeId union_of_sets();
  bool takes_union(Kind& kind);
  NodeId opaque();

  // Expressions.
  NodeId sum();
  NodeId product();
  bool starts_factor() const;
  NodeId factor();
  NodeId postfix(NodeId node);
  NodeId power_of(NodeId base);
  NodeId exponent();
  NodeId primary();
  NodeId number();
  NodeId mixed(NodeId whole);
  NodeId based(NodeId value);
  NodeId letter_digits();  // -1: none stand here
  NodeId name();
  std::string subscript();
  NodeId style();
  NodeId fraction();
  NodeId argument();  // of a command: a group, or one sign
  NodeId literal();
  NodeId root();
  NodeId binomial();
  NodeId function();
  NodeId function_argument();
  NodeId parenthesised();
  NodeId french_interval();
  NodeId set();
  NodeId group();
  NodeId angled();
  NodeId enclosed(Tok close, Function function);
  NodeId matrix();
  NodeId call(Function function, std::initializer_list<NodeId> kids);

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool at(Tok kind) const { return peek().kind == kind; }
  bool take(Tok kind);
  void expect(Tok kind);  // the end of the answer closes anything
  std::string text_between(std::size_t begin, std::size_t end) const;

  std::vector<Token> tokens_;
  Tree& tree_;
  std::vector<NodeId> stack_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool bar_closes_ = false;  // inside |...| or a set
};

}  // namespace tempo::reward::math
