// The sampler's book-keeping: which responses of a group still agree, and which slots of the key-value cache
// hold what they share. Knows neither model nor torch.
//
// A group in work has a place: a run of slots for its prompt, then max_new_tokens - 1 slots for each
// response. A set's token goes to the slots of its first response, at the token's position, so each path is
// the prompt and a few contiguous ranges. The last token of a response is never fed to the model and needs no
// slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::rollout {

struct FrontierShape {
  std::int32_t responses = 0;       // a group
  std::int32_t max_new_tokens = 0;  // a response
  std::int32_t longest_prompt = 0;  // tokens
  std::int32_t places = 0;          // groups in work at a time
  std::vector<std::int32_t> stop_tokens{};
};

// A response in a set, and what was drawn for it.
struct Member {
  std::int32_t response = 0;  // index in its group
  std::int32_t token = 0;
  float logp = 0;
};

// Responses of one group that agree so far: one row of the model.
struct FrontierNode {
  std::int32_t group = 0;
  std::int32_t place = 0;
  std::int32_t handle = 0;                        // of the forest's node that they have reached
  std::int32_t length = 0;                        // response tokens that they have; 0: at the prompt's end
  std::int32_t token = -1;                        // the last of these
  std::int32_t member_begin = 0, member_end = 0;  // by rising response
  float entropy = 0;                              // of the distribution that their next tokens come from
};

class Frontier {
 public:
  explicit Frontier(const FrontierShape& shape);

  // Slots that the cache must have.
  std::int64_t slots() const;

  bool has_free_place() const { return !free_places_.empty(); }

  // Opens the next group; its prompt's end joins the frontier. Requires a free place.
  void admit(std::span<const std::int32_t> prompt);

  // The sets to draw for, until the next admit or advance.
  std::span<FrontierNode> nodes() { return nodes_; }
  std::span<const FrontierNode> nodes() const { return nodes_; }
  std::span<Member> members(const FrontierNode& node);

  // Slots of the node's path from the prompt's first token to its own, in order.
  std::span<const tree::NodeRange> path(const FrontierNode& node) const;

  // Takes the entropy of every node, the token and logp of every member: adds them to the forest, splits the
  // sets by token, ends responses at stop tokens and at the length limit, frees the places of ended groups.
  void advance();

  std::int64_t ended() const { return ended_; }
  tree::Forest forest() const { return forest_.build(); }
  const std::vector<std::uint8_t>& truncated() const { return truncated_; }  // [R admitted]

 private:
  std::vector<tree::NodeRange>& path_of(std::int32_t place, std::int32_t response);
  void extend(const FrontierNode& node, std::int32_t member_begin, std::int32_t member_end);
  void finish(const FrontierNode& node, bool truncated);

  FrontierShape shape_;
  std::int32_t slots_per_response_, slots_per_place_;
  std::vector<std::int32_t> free_places_;
  std::vector<std::int32_t> open_responses_;  // [places]
  std::vector<std::int32_t> first_slot_;      // [places] of the responses, behind the prompt
  std::vector<Member> members_;               // [places, responses]
  std::vector<std::vector<tree::NodeRange>>
      paths_;  // [places, responses] of the set that a response is first in
  std::vector<tree::NodeRange> parent_path_;
  std::vector<FrontierNode> nodes_, next_;
  std::int32_t groups_ = 0;
  std::int64_t ended_ = 0;
  tree::ForestBuilder forest_;
  std::vector<std::uint8_t> truncated_;
};

}  // namespace tempo::rollout
