// The order in which a group's responses stand in the tree, and what neighbours share.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/kernels/forest.h"

namespace tempo::kernels {

// A response in depth-first order.
struct Leaf {
  std::int32_t response;
  std::int32_t shared;             // tokens in common with the leaf before it; 0 for a group's first
  std::int32_t shared_with_first;  // tokens in common with the group's first response in the order given
};

// Whether a token is negative.
bool any_negative(std::span<const std::int32_t> tokens);

// Fills `shared_with_first` of the leaves of one group, in the order given, and `negative`: whether a token
// of theirs is. Reads each token from memory once; with a null `negative` only as far as responses share
// them.
void compare_to_first(const FlatGroups& groups, std::span<Leaf> leaves, bool* negative);

// Sorts the leaves of one group, compared to the first: token by token, a prefix before what continues it,
// equal ones in the order given; fills `shared`. Reads each token a bounded number of times, and none of
// those that two of them share with the first: O(tokens + R log R), by merge sort that carries the common
// prefixes along. Source: Ng and Kakehi, "Merging string sequences by longest common prefixes", 2008.
// `scratch` has as many leaves.
void sort_leaves(const FlatGroups& groups, std::span<Leaf> leaves, std::span<Leaf> scratch);

}  // namespace tempo::kernels
