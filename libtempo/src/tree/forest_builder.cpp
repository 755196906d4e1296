#include "forest_writer.h"
#include "tempo/core/error.h"
#include "tempo/tree/forest.h"

namespace tempo::tree {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

void check_index(const char* what, std::int32_t index, std::size_t size) {
  TEMPO_CHECK(index >= 0 && at(index) < size, "ForestBuilder: ", what, ": expected 0 to below ", size,
              ", got ", index);
}

// Responses by the handle that they end at, each list by index.
struct Endings {
  std::vector<std::int32_t> offset;    // [handles + 1] into response
  std::vector<std::int32_t> response;  // [R]

  Endings(std::span<const std::int32_t> response_end, std::size_t handles)
      : offset(handles + 1), response(response_end.size()) {
    for (const std::int32_t handle : response_end) ++offset[at(handle)];
    for (std::size_t i = 1; i <= handles; ++i) offset[i] += offset[i - 1];
    for (std::size_t i = response.size(); i-- > 0;)
      response[at(--offset[at(response_end[i])])] = static_cast<std::int32_t>(i);
  }

  std::span<const std::int32_t> of(std::int32_t handle) const {
    return std::span(response).subspan(at(offset[at(handle)]),
                                       at(offset[at(handle) + 1] - offset[at(handle)]));
  }
};

}  // namespace

std::int32_t ForestBuilder::add_group(std::span<const std::int32_t> prompt, std::int32_t responses) {
  TEMPO_CHECK(responses >= 0, "ForestBuilder: responses: expected at least 0, got ", responses);
  for (const std::int32_t token : prompt)
    TEMPO_CHECK(token >= 0, "ForestBuilder: prompt: expected token ids of at least 0, got ", token);
  const auto root = static_cast<std::int32_t>(nodes_.size());
  const auto group = static_cast<std::int32_t>(group_root_.size());
  nodes_.push_back({.parent = -1, .token = -1, .group = group, .old_logp = 0, .entropy = 0});
  prompt_tokens_.insert(prompt_tokens_.end(), prompt.begin(), prompt.end());
  prompt_begin_.push_back(static_cast<std::int32_t>(prompt_tokens_.size()));
  group_root_.push_back(root);
  group_response_.push_back(group_response_.back() + responses);
  response_end_.insert(response_end_.end(), at(responses), root);
  return root;
}

std::int32_t ForestBuilder::append(std::int32_t parent, std::int32_t token, float old_logp, float entropy) {
  check_index("parent", parent, nodes_.size());
  TEMPO_CHECK(token >= 0, "ForestBuilder: token: expected an id of at least 0, got ", token);
  std::int32_t previous = -1, next = nodes_[at(parent)].first_child;
  while (next != -1 && nodes_[at(next)].token < token) {
    previous = next;
    next = nodes_[at(next)].next_sibling;
  }
  if (next != -1 && nodes_[at(next)].token == token) return next;
  const auto handle = static_cast<std::int32_t>(nodes_.size());
  nodes_.push_back({.parent = parent,
                    .token = token,
                    .group = nodes_[at(parent)].group,
                    .old_logp = old_logp,
                    .entropy = entropy,
                    .next_sibling = next});
  (previous == -1 ? nodes_[at(parent)].first_child : nodes_[at(previous)].next_sibling) = handle;
  return handle;
}

void ForestBuilder::end_response(std::int32_t group, std::int32_t response, std::int32_t handle) {
  check_index("group", group, group_root_.size());
  check_index("handle", handle, nodes_.size());
  const std::int32_t first = group_response_[at(group)];
  check_index("response", response, at(group_response_[at(group) + 1] - first));
  TEMPO_CHECK(nodes_[at(handle)].group == group, "ForestBuilder: handle: expected one of group ", group,
              ", got ", handle, " of group ", nodes_[at(handle)].group);
  response_end_[at(first + response)] = handle;
}

// Returns the number of responses through each node, [handles].
std::vector<std::int32_t> ForestBuilder::weights() const {
  std::vector<std::int32_t> weight(nodes_.size());
  for (const std::int32_t handle : response_end_) ++weight[at(handle)];
  for (std::size_t handle = nodes_.size(); handle-- > 0;) {
    const Node& node = nodes_[handle];
    if (node.parent == -1) continue;
    TEMPO_CHECK(weight[handle] > 0,
                "ForestBuilder: expected a response through every node, got none through ", "handle ", handle,
                " (group ", node.group, ", token ", node.token, ")");
    weight[at(node.parent)] += weight[handle];
  }
  return weight;
}

// Appends the tokens of the segment that begins at `head`; returns its last handle and its size.
std::pair<std::int32_t, std::int32_t> ForestBuilder::copy_segment(std::int32_t head,
                                                                  std::span<const std::int32_t> weight,
                                                                  Forest& forest) const {
  for (std::int32_t handle = head, size = 1;; handle = nodes_[at(handle)].first_child, ++size) {
    const Node& node = nodes_[at(handle)];
    forest.token.push_back(node.token);
    forest.old_logp.push_back(node.old_logp);
    forest.entropy.push_back(node.entropy);
    // Equal weight below means that no response ends here and that there is one child.
    if (node.first_child == -1 || weight[at(node.first_child)] != weight[at(handle)]) return {handle, size};
  }
}

Forest ForestBuilder::build() const {
  const std::vector<std::int32_t> weight = weights();
  const Endings endings(response_end_, nodes_.size());
  Forest forest;
  reserve(forest, prompt_tokens_.size() + nodes_.size() - group_root_.size(), response_end_.size());

  struct Pending {
    std::int32_t head, parent_segment;
  };
  std::vector<Pending> pending;
  const auto push = [&](std::int32_t handle, std::int32_t segment) {
    if (handle != -1) pending.push_back({handle, segment});
  };
  const auto finish = [&](std::int32_t handle, std::int32_t segment) {
    for (const std::int32_t response : endings.of(handle)) append_leaf(forest, response, segment);
    push(nodes_[at(handle)].first_child, segment);
  };
  for (std::size_t g = 0; g < group_root_.size(); ++g) {
    const auto prompt =
        std::span(prompt_tokens_).subspan(at(prompt_begin_[g]), at(prompt_begin_[g + 1] - prompt_begin_[g]));
    const std::int32_t root = append_group(forest, prompt, group_response_[g + 1] - group_response_[g]);
    finish(group_root_[g], root);
    while (!pending.empty()) {
      const auto [head, parent_segment] = pending.back();
      pending.pop_back();
      push(nodes_[at(head)].next_sibling, parent_segment);  // below the children: depth-first
      const auto leaf = static_cast<std::int32_t>(forest.leaf_response.size());
      const auto [last, size] = copy_segment(head, weight, forest);
      finish(last, append_segment(forest, parent_segment, size, {leaf, leaf + weight[at(head)]}));
    }
    close_group(forest);
  }
  return forest;
}

}  // namespace tempo::tree
