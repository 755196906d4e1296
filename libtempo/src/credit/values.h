// V of every segment: all nodes of a segment have the same responses, so the same V.
#pragma once

#include <span>
#include <vector>

#include "group_stats.h"
#include "tempo/tree/forest.h"

namespace tempo::credit {

// Returns the statistics of each group's rewards, [G].
std::vector<GroupStats> all_group_stats(const tree::Forest& forest, std::span<const float> rewards);

// Returns V of every segment, [S], shrunk as node_values says. Where all rewards below are the same number, V
// is that number exactly; where the same responses pass as above, V is exactly the V above.
std::vector<double> segment_values(const tree::Forest& forest, std::span<const float> rewards,
                                   std::span<const GroupStats> stats, double value_shrinkage);

}  // namespace tempo::credit
