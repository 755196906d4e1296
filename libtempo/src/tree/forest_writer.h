// Appends groups, segments and responses to a forest: the columns that follow from the shape of the tree.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/tree/forest.h"

namespace tempo::tree {

// Interval [begin, end) of leaf_response.
struct LeafRange {
  std::int32_t begin, end;
};

// Makes room for this many nodes and responses.
void reserve(Forest& forest, std::size_t nodes, std::size_t responses);

// Appends the next group's prompt as its root segment and room for its responses; returns the segment.
std::int32_t append_group(Forest& forest, std::span<const std::int32_t> prompt, std::int32_t responses);

// Appends a segment of `size` > 0 trainable nodes and returns it. The caller appends as many entries to
// token, old_logp and entropy.
std::int32_t append_segment(Forest& forest, std::int32_t parent, std::int32_t size, LeafRange leaves);

// Appends the next response in depth-first order, which ends in the segment.
void append_leaf(Forest& forest, std::int32_t response, std::int32_t segment);

// Closes the group that was appended last.
void close_group(Forest& forest);

}  // namespace tempo::tree
