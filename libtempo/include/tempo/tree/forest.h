// The forest: each group's prompt and sampled responses merged into a prefix tree, in flat arrays
// (docs/design.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace tempo::tree {

// Contiguous nodes [begin, end).
struct NodeRange {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::int32_t size() const { return end - begin; }
  bool operator==(const NodeRange&) const = default;
};

// A maximal chain of nodes without a branch and without a response's end inside.
struct Segment {
  NodeRange nodes;           // empty only for the root segment of an empty prompt
  std::int32_t parent = -1;  // segment that it continues; -1: a root segment, the group's prompt
  bool operator==(const Segment&) const = default;
};

// N nodes, S segments, R responses, G groups. Nodes stand in depth-first order, children by ascending token,
// so equal inputs give equal arrays whatever grew them. The responses through node n are one interval:
// leaf_response[first_leaf[n]], ..., leaf_response[first_leaf[n] + weight[n] - 1].
// Built by build_forest or ForestBuilder; plain data, safe to read from many threads.
struct Forest {
  // Nodes, [N].
  std::vector<std::int32_t> token;
  std::vector<std::int32_t> parent;        // node; -1: first token of its sequence
  std::vector<std::int32_t> depth;         // position in its sequence, prompt included, from 0
  std::vector<std::int32_t> weight;        // responses through the node
  std::vector<std::int32_t> first_leaf;    // where the responses through the node begin in leaf_response
  std::vector<std::int32_t> node_segment;  // segment of the node
  std::vector<std::uint8_t> trainable;     // 1: a response's token; 0: a prompt's
  std::vector<float> old_logp;             // log-probability at sampling, 0 where not trainable or not known
  std::vector<float> entropy;  // entropy in nats of the distribution that the token was drawn from, or 0

  std::vector<Segment> segments;  // [S], depth-first; a parent stands before its children

  // Responses, [R], in the caller's order, group after group.
  std::vector<std::int32_t>
      response_segment;  // segment that it ends in; the root segment for an empty response
  std::vector<std::int32_t> response_length;  // its own tokens, without the prompt
  std::vector<std::int32_t> leaf_response;    // responses in depth-first order; equal ones by index

  // Groups: where each begins, [G + 1].
  std::vector<std::int32_t> group_node{0};
  std::vector<std::int32_t> group_response{0};
  std::vector<std::int32_t> group_segment{0};  // the first segment of a group is its root

  std::int32_t nodes() const { return static_cast<std::int32_t>(token.size()); }
  std::int32_t responses() const { return static_cast<std::int32_t>(response_segment.size()); }
  std::int32_t groups() const { return static_cast<std::int32_t>(group_node.size()) - 1; }
  bool operator==(const Forest&) const = default;
};

// What build_forest reads: G groups of any number of responses, empty ones too. Offsets are
// [begin of item 0, ..., end of the last] into the flat token arrays. Owns nothing.
struct FlatGroups {
  std::span<const std::int32_t> prompt_tokens{};     // all prompts, one after another
  std::span<const std::int32_t> prompt_offsets{};    // [G + 1], or empty: no group has a prompt
  std::span<const std::int32_t> response_tokens{};   // all responses, one after another
  std::span<const std::int32_t> response_offsets{};  // [R + 1]
  std::span<const std::int32_t> group_offsets{};     // [G + 1], in responses
  std::span<const float> old_logp{};                 // [response tokens] or empty
  std::span<const float> entropy{};                  // [response tokens] or empty

  std::int32_t groups() const { return static_cast<std::int32_t>(group_offsets.size()) - 1; }
  std::int32_t responses() const { return static_cast<std::int32_t>(response_offsets.size()) - 1; }
  std::span<const std::int32_t> prompt(std::int32_t group) const;
  std::span<const std::int32_t> response(std::int32_t index) const;

  // Throws tempo::Error: offsets that do not rise from 0 to the end of what they divide, negative tokens,
  // columns of another length than response_tokens.
  void validate() const;
};

// Whether equal prefixes of a group's responses share nodes.
enum class Merge {
  kPrefixes,  // the prefix tree
  kNone,      // each response its own chain below the shared prompt, in the caller's order: the unfolded form
};

// Returns the forest of the groups. Where responses share a node, its old_logp and entropy are those of the
// first of them in depth-first order. O(tokens + R log R). Throws what FlatGroups::validate throws.
Forest build_forest(const FlatGroups& groups, Merge merge = Merge::kPrefixes);

// Returns the node ranges of a response's path, one a segment, the prompt's first; empty ranges left out.
std::vector<NodeRange> response_path(const Forest& forest, std::int32_t response);

// Returns the tokens of a response, without the prompt.
std::vector<std::int32_t> response_tokens(const Forest& forest, std::int32_t response);

// Grows a forest node by node, as a sampler does, and hands it over in canonical order. Groups may grow in
// turns. Every function throws tempo::Error for a handle, token or index that is not valid. Not thread safe.
class ForestBuilder {
 public:
  // Opens the next group; returns the handle of its prompt's end, where each of its responses ends until
  // end_response.
  std::int32_t add_group(std::span<const std::int32_t> prompt, std::int32_t responses);

  // Returns the handle of `parent`'s child with the token, added with old_logp and entropy if there is none
  // yet. A handle stays valid. Linear in the number of the parent's children.
  std::int32_t append(std::int32_t parent, std::int32_t token, float old_logp, float entropy);

  // Sets where a response ends; both indices count from 0, `response` within its group.
  void end_response(std::int32_t group, std::int32_t response, std::int32_t handle);

  // Returns the forest: equal, column by column, to build_forest of the same responses.
  // Throws tempo::Error when no response passes through an appended node.
  Forest build() const;

 private:
  struct Node {  // a prompt's end, or a token; a parent stands before its children
    std::int32_t parent, token, group;
    float old_logp, entropy;
    std::int32_t first_child = -1, next_sibling = -1;  // siblings by ascending token
  };

  std::vector<std::int32_t> weights() const;
  std::pair<std::int32_t, std::int32_t> copy_segment(std::int32_t head, std::span<const std::int32_t> weight,
                                                     Forest& forest) const;

  std::vector<Node> nodes_;
  std::vector<std::int32_t> prompt_begin_{0};  // [G + 1] into prompt_tokens_
  std::vector<std::int32_t> prompt_tokens_;
  std::vector<std::int32_t> group_root_;         // [G] handle
  std::vector<std::int32_t> group_response_{0};  // [G + 1]
  std::vector<std::int32_t> response_end_;       // [R] handle
};

}  // namespace tempo::tree
