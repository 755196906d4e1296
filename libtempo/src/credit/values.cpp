#include "values.h"

#include <algorithm>

#include "tempo/core/error.h"
#include "tempo/credit/advantages.h"

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// The rewards of the responses through a segment.
struct Below {
  double sum = 0;
  std::int32_t count = 0;

  void add(const Below& other) {
    sum += other.sum;
    count += other.count;
  }
  double mean() const { return sum / count; }
};

// Adds every reward to the segment that its response ends in. Equal responses stand next to each other, in
// the caller's order: they are added by size, so that this order leaves no trace in the rounding.
void add_endings(const tree::Forest& forest, std::span<const float> rewards, std::vector<Below>& below) {
  std::vector<float> ending;
  const auto segment_of = [&](std::size_t leaf) {
    return forest.response_segment[at(forest.leaf_response[leaf])];
  };
  const std::size_t leaves = forest.leaf_response.size();
  for (std::size_t begin = 0, end = 0; begin < leaves; begin = end) {
    const std::int32_t segment = segment_of(begin);
    ending.clear();
    for (; end < leaves && segment_of(end) == segment; ++end)
      ending.push_back(rewards[at(forest.leaf_response[end])]);
    std::sort(ending.begin(), ending.end());
    for (const float reward : ending) below[at(segment)].add({.sum = reward, .count = 1});
  }
}

}  // namespace

std::vector<GroupStats> all_group_stats(const tree::Forest& forest, std::span<const float> rewards) {
  std::vector<GroupStats> stats;
  std::vector<float> scratch;
  for (std::size_t g = 0; g < at(forest.groups()); ++g) {
    const std::int32_t begin = forest.group_response[g], end = forest.group_response[g + 1];
    stats.push_back(group_stats(rewards.subspan(at(begin), at(end - begin)), scratch));
  }
  return stats;
}

std::vector<double> segment_values(const tree::Forest& forest, std::span<const float> rewards,
                                   std::span<const GroupStats> stats, double value_shrinkage) {
  const std::size_t segments = forest.segments.size();
  std::vector<Below> below(segments);
  add_endings(forest, rewards, below);
  for (std::size_t s = segments; s-- > 0;)
    if (forest.segments[s].parent >= 0) below[at(forest.segments[s].parent)].add(below[s]);

  std::vector<double> value(segments);
  for (std::size_t g = 0; g < stats.size(); ++g) {
    const std::size_t root = at(forest.group_segment[g]), end = at(forest.group_segment[g + 1]);
    value[root] = stats[g].mean;
    for (std::size_t s = root + 1; s < end; ++s) {
      const std::size_t above = at(forest.segments[s].parent);
      const double n = below[s].count;
      value[s] = value[above];
      if (below[s].count == below[above].count) continue;
      if (value_shrinkage == 0)
        value[s] = below[s].mean();
      else
        value[s] += n / (n + value_shrinkage) * (below[s].mean() - value[above]);
    }
  }
  return value;
}

std::vector<double> node_values(const tree::Forest& forest, std::span<const float> rewards,
                                double value_shrinkage) {
  check_rewards("node_values", rewards, forest.responses());
  AdvantageOptions{.value_shrinkage = value_shrinkage}.validate();
  const auto by_segment = segment_values(forest, rewards, all_group_stats(forest, rewards), value_shrinkage);
  std::vector<double> values;
  values.reserve(at(forest.nodes()));
  for (std::size_t s = 0; s < by_segment.size(); ++s)
    values.insert(values.end(), at(forest.segments[s].nodes.size()), by_segment[s]);
  return values;
}

}  // namespace tempo::credit
