// What one forward pass attends to: packed tokens and, for each segment of them, the key ranges on its path.
#pragma once

#include <cstdint>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::model {

// Consecutive packed tokens that continue one path. The last of its keys is the key of its last query: query
// i of Q sees the first `keys - Q + 1 + i` keys of its ranges, in order.
struct PlanSegment {
  std::int32_t query_begin = 0, query_end = 0;  // packed tokens
  std::int32_t range_begin = 0, range_end = 0;  // into SegmentPlan::key_ranges
  std::int32_t keys = 0;                        // sum of its ranges' sizes
};

// T packed tokens without padding. A flat batch, a folded forest, a prefill and a decode step are all of this
// form.
struct SegmentPlan {
  std::vector<std::int32_t> token;     // [T]
  std::vector<std::int32_t> position;  // [T] position in its sequence, for the rotary embedding
  std::vector<std::int32_t>
      slot;  // [T] place of the token's key and value; packed order when there is no cache
  std::vector<PlanSegment> segments;        // cover the packed tokens in order
  std::vector<tree::NodeRange> key_ranges;  // contiguous slots

  std::int32_t tokens() const { return static_cast<std::int32_t>(token.size()); }
};

// Returns the plan that computes each node of the forest once: token t is node t, and its slot is t.
SegmentPlan plan_forest(const tree::Forest& forest);

// Returns the plan of one sequence from its first token: slots 0, 1, ...
SegmentPlan plan_sequence(std::vector<std::int32_t> tokens);

}  // namespace tempo::model
