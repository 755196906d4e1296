// Columns over response tokens, flat in the forest's response order, and over the forest's nodes.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::testing {

// Returns the node of every response token.
inline std::vector<std::int64_t> token_nodes(const tree::Forest& forest) {
  std::vector<std::int64_t> nodes;
  for (std::int32_t r = 0; r < forest.responses(); ++r) {
    for (const tree::NodeRange& range : tree::response_path(forest, r)) {
      for (std::int32_t n = range.begin; n < range.end; ++n)
        if (forest.trainable[static_cast<std::size_t>(n)]) nodes.push_back(n);
    }
  }
  return nodes;
}

// Returns a column over nodes, 0 on prompts, of one over tokens that is equal on shared nodes.
inline std::vector<float> to_nodes(const tree::Forest& forest, const std::vector<float>& tokens) {
  std::vector<float> column(forest.token.size());
  const std::vector<std::int64_t> nodes = token_nodes(forest);
  for (std::size_t i = 0; i < nodes.size(); ++i) column[static_cast<std::size_t>(nodes[i])] = tokens.at(i);
  return column;
}

// Returns a column over tokens of one over nodes.
inline std::vector<float> to_tokens(const tree::Forest& forest, const std::vector<float>& column) {
  std::vector<float> tokens;
  for (const std::int64_t n : token_nodes(forest)) tokens.push_back(column[static_cast<std::size_t>(n)]);
  return tokens;
}

}  // namespace tempo::testing
