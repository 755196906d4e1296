#include "tree.h"

#include <algorithm>

namespace tempo::reward::math {

using std::size_t;

NodeId Tree::add(Kind kind, std::initializer_list<NodeId> kids, std::int32_t data) {
  budget.spend(1);
  const auto first = static_cast<std::int32_t>(kids_.size());
  kids_.insert(kids_.end(), kids);
  nodes_.push_back({kind, 0, 0, first, static_cast<std::int32_t>(kids.size()), data});
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Tree::add_from(Kind kind, std::vector<NodeId>& stack, size_t mark, std::int32_t data) {
  const auto count = static_cast<std::int32_t>(stack.size() - mark);
  budget.spend(1 + count);
  const auto first = static_cast<std::int32_t>(kids_.size());
  kids_.insert(kids_.end(), stack.begin() + static_cast<std::ptrdiff_t>(mark), stack.end());
  stack.resize(mark);
  nodes_.push_back({kind, 0, 0, first, count, data});
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Tree::number(Rational value) {
  numbers_.push_back(std::move(value));
  return add(Kind::kNumber, {}, static_cast<std::int32_t>(numbers_.size() - 1));
}

NodeId Tree::named(Kind kind, std::string_view name) {
  auto found = std::find(names_.begin(), names_.end(), name);
  budget.spend(static_cast<std::int64_t>(found - names_.begin()) / 8);
  if (found == names_.end()) found = names_.emplace(names_.end(), name);
  return add(kind, {}, static_cast<std::int32_t>(found - names_.begin()));
}

NodeId Tree::retag(NodeId id, Kind kind, char open, char close) {
  Node& node = nodes_[static_cast<size_t>(id)];
  node.kind = kind;
  node.open = open;
  node.close = close;
  return id;
}

NodeId Tree::with_kids(NodeId node, const std::vector<NodeId>& kids) {
  const Node old = (*this)[node];
  budget.spend(1 + old.count);
  const auto first = static_cast<std::int32_t>(kids_.size());
  kids_.insert(kids_.end(), kids.begin(), kids.end());
  nodes_.push_back({old.kind, old.open, old.close, first, static_cast<std::int32_t>(kids.size()), old.data});
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Tree::relation(std::vector<NodeId>& stack, size_t mark, const std::vector<Relation>& signs) {
  const auto data = static_cast<std::int32_t>(relations_.size());
  relations_.insert(relations_.end(), signs.begin(), signs.end());
  return add_from(Kind::kRelation, stack, mark, data);
}

NodeId Tree::kid(NodeId id, std::int32_t i) const {
  return kids_[static_cast<size_t>((*this)[id].first) + static_cast<size_t>(i)];
}

std::vector<NodeId> Tree::kids(NodeId id) const {
  const Node& node = (*this)[id];
  return {kids_.begin() + node.first, kids_.begin() + node.first + node.count};
}

Relation Tree::sign(NodeId id, std::int32_t i) const {
  return relations_[static_cast<size_t>((*this)[id].data) + static_cast<size_t>(i)];
}

bool Tree::is_function(NodeId id, Function function) const {
  return is(id, Kind::kFunction) && (*this)[id].data == static_cast<std::int32_t>(function);
}

bool Tree::contains(NodeId id, Kind kind) const {
  budget.spend(1);
  const Node& node = (*this)[id];
  if (node.kind == kind) return true;
  for (std::int32_t i = 0; i < node.count; ++i) {
    if (contains(kid(id, i), kind)) return true;
  }
  return false;
}

bool Tree::same(NodeId a, NodeId b) const {
  budget.spend(1);
  if (a == b) return true;
  const Node &x = (*this)[a], &y = (*this)[b];
  if (x.kind != y.kind || x.count != y.count || x.open != y.open || x.close != y.close) return false;
  if (x.kind == Kind::kNumber) return value(a) == value(b);
  if (x.kind == Kind::kRelation) {
    for (std::int32_t i = 0; i + 1 < x.count; ++i) {
      if (sign(a, i) != sign(b, i)) return false;
    }
  } else if (x.data != y.data) {
    return false;
  }
  for (std::int32_t i = 0; i < x.count; ++i) {
    if (!same(kid(a, i), kid(b, i))) return false;
  }
  return true;
}

}  // namespace tempo::reward::math
