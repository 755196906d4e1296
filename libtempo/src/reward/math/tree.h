// Answers as trees: nodes in one array, linked by index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "budget.h"
#include "rational.h"
#include "token.h"

namespace tempo::reward::math {

enum class Kind : std::uint8_t {
  kNumber,    // data: of numbers
  kName,      // a variable; data: of names
  kConstant,  // data: a Constant
  kInfinity,
  kDots,      // "..."
  kAdd,       // any number of kids
  kMultiply,  // any number of kids
  kNegate,
  kInverse,
  kPower,      // base, exponent
  kFunction,   // data: a Function
  kPlusMinus,  // both signs of its kid
  kMinusPlus,
  kPercent,
  kDegree,
  kUnit,   // a quantity with a unit or words behind it; data: of names
  kBase,   // a number, read in base `data`
  kColon,  // a:b:c
  kText,   // data: of names
  kTuple,  // brackets in open and close
  kSet,
  kList,  // open: ',', '&' or '|', how its kids are joined
  kUnion,
  kIntersection,
  kDifference,
  kMatrix,    // data: columns
  kRelation,  // sides; data: the first of its signs in relations
  kOpaque,    // sums, integrals, limits: known by their text alone; data: of names
};

enum class Constant : std::uint8_t { kPi, kE, kI };

using NodeId = std::int32_t;

struct Node {
  Kind kind = Kind::kNumber;
  char open = 0;
  char close = 0;
  std::int32_t first = 0;  // of its kids
  std::int32_t count = 0;
  std::int32_t data = -1;
};

// The nodes of both answers of one verification. Charges the budget for each.
class Tree {
 public:
  explicit Tree(Budget& steps) : budget(steps) {
    nodes_.reserve(48);
    kids_.reserve(48);
    numbers_.reserve(24);
  }

  NodeId add(Kind kind, std::initializer_list<NodeId> kids = {}, std::int32_t data = -1);
  // Takes the kids from the stack's end on, from `mark`.
  NodeId add_from(Kind kind, std::vector<NodeId>& stack, std::size_t mark, std::int32_t data = -1);
  NodeId number(Rational value);
  NodeId named(Kind kind, std::string_view name);
  // Makes the node this kind with these brackets, and returns it.
  NodeId retag(NodeId node, Kind kind, char open, char close);
  // Returns a copy of the node with other kids.
  NodeId with_kids(NodeId node, const std::vector<NodeId>& kids);
  NodeId relation(std::vector<NodeId>& stack, std::size_t mark, const std::vector<Relation>& signs);

  const Node& operator[](NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  NodeId kid(NodeId id, std::int32_t i) const;
  std::vector<NodeId> kids(NodeId id) const;
  const Rational& value(NodeId id) const { return numbers_[static_cast<std::size_t>((*this)[id].data)]; }
  std::string_view name(NodeId id) const { return names_[static_cast<std::size_t>((*this)[id].data)]; }
  Relation sign(NodeId id, std::int32_t i) const;
  bool is(NodeId id, Kind kind) const { return (*this)[id].kind == kind; }
  bool is_function(NodeId id, Function function) const;
  std::size_t names() const { return names_.size(); }

  // Whether a node of the kind stands anywhere in it.
  bool contains(NodeId id, Kind kind) const;
  // Whether the trees are equal node by node.
  bool same(NodeId a, NodeId b) const;

  Budget& budget;  // NOLINT: the tree charges for what is done on it

 private:
  std::vector<Node> nodes_;
  std::vector<NodeId> kids_;
  std::vector<Rational> numbers_;
  std::vector<std::string> names_;
  std::vector<Relation> relations_;
};

}  // namespace tempo::reward::math
