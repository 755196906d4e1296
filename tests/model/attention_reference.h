// Attention over a segment plan and its gradient as the definition says, in double precision, and random
// plans and inputs for it.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tempo/model/segment_plan.h"
#include "tree/random_groups.h"

namespace tempo::testing {

struct AttentionCase {
  at::Tensor query, key, value, grad_output;  // [T, H, E], [S, K, E], [S, K, E], [T, H, E]
};

struct AttentionAnswer {
  at::Tensor output, grad_query, grad_key, grad_value;  // double
};

struct AttentionSize {
  std::int64_t heads = 6, kv_heads = 2, width = 16;
};

inline AttentionCase random_case(const model::SegmentPlan& plan, std::int64_t slots, AttentionSize size,
                                 at::ScalarType dtype, std::uint64_t seed) {
  at::manual_seed(seed);
  const auto normal = [&](std::int64_t rows, std::int64_t heads) {
    return at::randn({rows, heads, size.width}).to(dtype);
  };
  return {normal(plan.tokens(), size.heads), normal(slots, size.kv_heads), normal(slots, size.kv_heads),
          normal(plan.tokens(), size.heads)};
}

// Returns the slots of the keys that query i of the segment sees.
inline at::Tensor visible_slots(const model::SegmentPlan& plan, const model::PlanSegment& segment,
                                std::int64_t i) {
  std::vector<std::int64_t> slots;
  for (auto r = segment.range_begin; r < segment.range_end; ++r) {
    const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    for (auto slot = range.begin; slot < range.end; ++slot) slots.push_back(slot);
  }
  slots.resize(static_cast<std::size_t>(segment.keys - (segment.query_end - segment.query_begin) + 1 + i));
  return at::tensor(slots, at::kLong);
}

inline AttentionAnswer reference_attention(const AttentionCase& in, const model::SegmentPlan& plan) {
  const at::Tensor query = in.query.to(at::kDouble), key = in.key.to(at::kDouble),
                   value = in.value.to(at::kDouble), grad_output = in.grad_output.to(at::kDouble);
  const double scale = 1.0 / std::sqrt(static_cast<double>(query.size(2)));
  const std::int64_t group = query.size(1) / key.size(1);
  AttentionAnswer out{at::zeros_like(query), at::zeros_like(query), at::zeros_like(key),
                      at::zeros_like(value)};
  for (const model::PlanSegment& segment : plan.segments) {
    for (std::int64_t t = segment.query_begin; t < segment.query_end; ++t) {
      const at::Tensor slots = visible_slots(plan, segment, t - segment.query_begin);
      for (std::int64_t h = 0; h < query.size(1); ++h) {
        const std::int64_t k = h / group;
        const at::Tensor keys = key.select(1, k).index_select(0, slots);
        const at::Tensor values = value.select(1, k).index_select(0, slots);
        const at::Tensor weight = at::softmax(keys.mv(query[t][h]) * scale, 0);
        const at::Tensor grad_weight = values.mv(grad_output[t][h]);
        const at::Tensor grad_score = weight * (grad_weight - weight.dot(grad_weight)) * scale;
        out.output[t][h].copy_(values.t().mv(weight));
        out.grad_query[t][h].copy_(keys.t().mv(grad_score));
        out.grad_key.select(1, k).index_add_(0, slots, at::outer(grad_score, query[t][h]));
        out.grad_value.select(1, k).index_add_(0, slots, at::outer(weight, grad_output[t][h]));
      }
    }
  }
  return out;
}

inline model::SegmentPlan random_forest_plan(std::uint64_t seed, int max_length = 12) {
  const RandomGroups groups =
      random_groups({.groups = 3, .max_length = max_length, .max_prompt = 9, .seed = seed});
  return model::plan_forest(tree::build_forest(groups.flat()));
}

// Largest |a - b| / (1 + |b|).
inline double difference(const at::Tensor& a, const at::Tensor& b) {
  if (b.numel() == 0) return 0.0;
  const at::Tensor exact = b.to(at::kDouble);
  return ((a.to(at::kDouble) - exact).abs() / (1.0 + exact.abs())).max().item<double>();
}

}  // namespace tempo::testing
