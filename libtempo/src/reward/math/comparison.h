// The comparison of two answers: compare.cpp has lists, relations and sets, quantity.cpp single values.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tree.h"

namespace tempo::reward::math {

using Nodes = std::vector<NodeId>;

// A quantity and what stands around its value.
struct Bare {
  NodeId node;
  bool percent = false;
  bool degree = false;
  std::string_view unit;
};

Bare bare(const Tree& tree, NodeId node);

class Comparison {
 public:
  Comparison(Tree& tree, double tolerance) : tree_(tree), tolerance_(tolerance) {}

  bool equal(NodeId a, NodeId b);

 private:
  bool single(NodeId a, NodeId b);
  bool bare_equal(const Bare& a, const Bare& b);
  bool quantities(const Bare& a, const Bare& b);
  bool relations(NodeId a, NodeId b);
  bool inequalities(NodeId a, NodeId b);
  bool real_sets(NodeId a, NodeId b);
  bool ends(const std::optional<NodeId>& a, const std::optional<NodeId>& b);
  bool matched(const Nodes& a, const Nodes& b);
  bool in_order(const Nodes& a, const Nodes& b);
  bool tuples(NodeId a, NodeId b);
  bool matrices(NodeId a, NodeId b);
  bool colons(NodeId a, NodeId b);
  bool based(NodeId a, NodeId b);
  Nodes items(NodeId node);
  void add_items(NodeId node, Nodes& items);
  void without_names(Nodes& items);
  void split_assignment(Nodes& items);
  bool named_tuple(const Nodes& items, NodeId tuple);
  Nodes grouped(const Nodes& items);
  void drop_repeats(Nodes& items);
  NodeId signed_copy(NodeId node, bool plus);
  bool is_several(NodeId node) const;

  Tree& tree_;
  double tolerance_;
};

}  // namespace tempo::reward::math
