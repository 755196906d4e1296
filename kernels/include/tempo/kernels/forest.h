// From the flat tokens of sampled responses to the prefix tree of each group: what is equal, in which order,
// and the node arrays of tree::Forest. G groups, R responses, T response tokens, P prompt tokens, N nodes, S
// segments.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tempo/kernels/stream.h"

namespace tempo::kernels {

inline constexpr std::int32_t kMostResponses = 1024;  // of a group, on a device

// G groups of sampled responses, in arrays of one device. Offsets are [begin of item 0, ..., end of the
// last].
struct FlatGroups {
  std::int32_t groups = 0;                // G
  std::int32_t responses = 0;             // R
  std::int32_t largest_group = 0;         // responses of the largest group, or more: sizes the workspace
  std::int64_t response_token_count = 0;  // T; T + P fits in an int32
  std::int64_t prompt_token_count = 0;    // P
  const std::int32_t* group_offsets = nullptr;     // [G + 1], in responses
  const std::int32_t* response_offsets = nullptr;  // [R + 1], in tokens
  const std::int32_t* response_tokens = nullptr;   // [T], each 0 or more
  const std::int32_t* prompt_offsets = nullptr;    // [G + 1], or null: no prompts
  const std::int32_t* prompt_tokens = nullptr;     // [P]
  const float* old_logp = nullptr;                 // [T], or null: zeros
  const float* entropy = nullptr;                  // [T], or null: zeros
};

// A maximal chain of nodes [begin, end) without a branch and without a response's end inside. One memory
// sector, aligned so that a device reads it in few words.
struct alignas(16) ForestSegment {
  std::int32_t begin, end;          // empty only for the root of an empty prompt
  std::int32_t parent;              // segment that it continues; -1: a root, the group's prompt
  std::int32_t first_leaf, weight;  // the leaves below it: first_leaf, ..., first_leaf + weight - 1
  std::int32_t depth;               // of its first node
  std::int32_t source;              // of its first token in response_tokens; a root's in prompt_tokens
  std::int32_t parent_node;         // of its first node; -1: none
};
static_assert(sizeof(ForestSegment) == 32);

// What is wrong with FlatGroups whose arrays a device has to look at.
enum class GroupsError : std::int32_t {
  kNone,
  kGroupOffsets,     // do not rise from 0 to R
  kResponseOffsets,  // do not rise from 0 to T
  kPromptOffsets,    // do not rise from 0 to P
  kGroupTooLarge,    // a group of more than largest_group responses
  kNegativeToken,
};

// The shape of the forest, without its nodes. Leaves are the responses in depth-first order: by group, then
// lexicographic, a prefix before what it begins, equal ones by index.
struct ForestPlan {
  std::int32_t* leaf_response = nullptr;  // [R] response of each leaf
  std::int32_t* leaf_shared =
      nullptr;  // [R] first tokens shared with the leaf before, 0 at a group's first leaf
  std::int32_t* response_segment = nullptr;  // [R] segment that a response ends in
  ForestSegment* segments = nullptr;         // [most_segments], S of them written, depth-first
  std::int32_t* group_node = nullptr;        // [G + 1]; the last is N
  std::int32_t* group_segment = nullptr;  // [G + 1]; the last is S; the first segment of a group is its root
  // [1]; after any but kNone, the first found in the order above, nothing else of this forest is written.
  // Null, on the CPU alone: the caller has checked the groups.
  GroupsError* error = nullptr;
};

// The columns of the nodes, [P + T] of which N are written; a null column is left out.
struct ForestNodes {
  std::int32_t* token = nullptr;
  std::int32_t* parent = nullptr;      // node; -1: first token of its sequence
  std::int32_t* depth = nullptr;       // position in its sequence, prompt included
  std::int32_t* weight = nullptr;      // responses through the node
  std::int32_t* first_leaf = nullptr;  // of them
  std::int32_t* segment = nullptr;
  std::uint8_t* trainable = nullptr;  // 1: a response's token
  float* old_logp = nullptr;          // of the first response through the node, 0 for a prompt's token
  float* entropy = nullptr;           // likewise
};

// Whether equal prefixes of a group's responses share nodes.
enum class ForestMerge : std::int32_t {
  kPrefixes,  // the prefix tree
  kNone,      // each response its own chain, in the caller's order
};

// Returns how many segments there can be: G + 2 R.
std::int64_t most_segments(std::int32_t groups, std::int32_t responses);

// Returns how many bytes of its memory a device needs to plan a forest.
std::size_t forest_workspace_bytes(const FlatGroups& groups);

// plan_forest writes the plan. Besides the check, its tokens are read as far as responses share them, and no
// further. write_nodes writes the columns of a planned forest. On a device both return at once, and look at
// *plan.error there; groups that may be larger than kMostResponses are a tempo::Error. The CPU works with
// several threads, and the result does not depend on their number.
namespace cpu {
void plan_forest(const FlatGroups& groups, ForestMerge merge, const ForestPlan& plan);
void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes);
}  // namespace cpu
namespace host {
void plan_forest(const FlatGroups& groups, ForestMerge merge, const ForestPlan& plan, void* workspace,
                 Stream stream);
void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes, Stream stream);
}  // namespace host
namespace cuda {
void plan_forest(const FlatGroups& groups, ForestMerge merge, const ForestPlan& plan, void* workspace,
                 Stream stream);
void write_nodes(const FlatGroups& groups, const ForestPlan& plan, const ForestNodes& nodes, Stream stream);
}  // namespace cuda

}  // namespace tempo::kernels
