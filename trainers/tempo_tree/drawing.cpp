#include "tempo_tree/drawing.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace tempo::programs {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Returns the tokens with spaces between; the middle of more than 8 is left out.
std::string tokens_text(std::span<const std::int32_t> tokens) {
  constexpr std::size_t kMost = 8, kFirst = 5, kLast = 2;
  if (tokens.size() <= kMost) return fmt::format("{}", fmt::join(tokens, " "));
  return fmt::format("{} ... {} ({} tokens)", fmt::join(tokens.first(kFirst), " "),
                     fmt::join(tokens.last(kLast), " "), tokens.size());
}

std::string group_line(const tree::Forest& forest, std::span<const float> rewards, std::size_t number) {
  const auto n = static_cast<double>(rewards.size());
  double mean = 0, squares = 0;
  for (const float reward : rewards) mean += reward / n;
  for (const float reward : rewards) squares += (reward - mean) * (reward - mean);
  std::int64_t tokens = 0;
  for (const std::int32_t length : forest.response_length) tokens += length;
  return fmt::format("group {}: {} responses, {} tokens on {} nodes, reward mean {:.4g}, std {:.4g}\n",
                     number, rewards.size(), tokens, forest.nodes(), mean,
                     n > 1 ? std::sqrt(squares / (n - 1)) : 0.0);
}

// Where a segment's lines begin, and those of what is below it.
struct Branch {
  std::string head, below;
};

// Returns the branches of all segments, depth-first: the last child of a segment closes its line.
std::vector<Branch> branches(const tree::Forest& forest) {
  const std::size_t count = forest.segments.size();
  std::vector<std::size_t> last_child(count);
  for (std::size_t s = 1; s < count; ++s) last_child[at(forest.segments[s].parent)] = s;
  std::vector<Branch> result(count);
  for (std::size_t s = 1; s < count; ++s) {
    const std::size_t parent = at(forest.segments[s].parent);
    const bool last = last_child[parent] == s;
    result[s] = {result[parent].below + (last ? "└─ " : "├─ "),
                 result[parent].below + (last ? "   " : "│  ")};
  }
  return result;
}

}  // namespace

std::string draw_group(const tree::Forest& forest, std::span<const float> rewards,
                       const credit::AdvantageOptions& options, std::size_t number) {
  const credit::Credit credit = credit::assign_credit(forest, rewards, options);
  const std::vector<double> values = credit::node_values(forest, rewards, options.value_shrinkage);
  const std::vector<Branch> branch = branches(forest);
  std::string text = group_line(forest, rewards, number);
  std::size_t leaf = 0;
  for (std::size_t s = 0; s < forest.segments.size(); ++s) {
    const tree::NodeRange nodes = forest.segments[s].nodes;
    if (nodes.size() > 0) {
      const std::size_t first = at(nodes.begin);
      text += fmt::format("{}[{}] n={} V={:.4g}", branch[s].head,
                          tokens_text(std::span(forest.token).subspan(first, at(nodes.size()))),
                          forest.weight[first], values[first]);
      text += credit.node[first] == 0 ? "\n" : fmt::format(" step={:+.4g}\n", credit.node[first]);
    }
    for (; leaf < rewards.size() && at(forest.response_segment[at(forest.leaf_response[leaf])]) == s;
         ++leaf) {
      const std::size_t response = at(forest.leaf_response[leaf]);
      text += fmt::format("{}* response {}: reward {:.4g}, advantage {:.4g}\n", branch[s].below, response,
                          rewards[response], credit.response[response]);
    }
  }
  return text;
}

}  // namespace tempo::programs
