#include "tempo/tree/forest.h"

#include <algorithm>

#include "tempo/core/error.h"

namespace tempo::tree {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

void check_response(const char* function, const Forest& forest, std::int32_t response) {
  TEMPO_CHECK(response >= 0 && response < forest.responses(), function, ": response: expected 0 to below ",
              forest.responses(), ", got ", response);
}

}  // namespace

std::vector<NodeRange> response_path(const Forest& forest, std::int32_t response) {
  check_response("response_path", forest, response);
  std::vector<NodeRange> path;
  for (std::int32_t s = forest.response_segment[at(response)]; s != -1; s = forest.segments[at(s)].parent)
    if (forest.segments[at(s)].nodes.size() > 0) path.push_back(forest.segments[at(s)].nodes);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<std::int32_t> response_tokens(const Forest& forest, std::int32_t response) {
  check_response("response_tokens", forest, response);
  std::vector<std::int32_t> tokens(at(forest.response_length[at(response)]));
  auto end = tokens.end();
  for (std::int32_t s = forest.response_segment[at(response)]; forest.segments[at(s)].parent != -1;
       s = forest.segments[at(s)].parent) {
    const NodeRange nodes = forest.segments[at(s)].nodes;
    end = std::copy_backward(forest.token.begin() + nodes.begin, forest.token.begin() + nodes.end, end);
  }
  return tokens;
}

}  // namespace tempo::tree
