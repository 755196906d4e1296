// Grouped-query attention over a segment plan, with its gradient.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>

#include "tempo/model/segment_plan.h"

namespace tempo::model {

// Returns softmax(q k^T / sqrt(E)) v for each segment's queries over the keys on its path, causal, aligned at
// the end. query_THE [T, H, E]; key_SKE and value_SKE [S, K, E], H a multiple of K; plan slots below S. Same
// dtype and device; float32 or bfloat16, sums in float32. Returns [T, H, E]. Differentiable in all three;
// keeps no [T, S] matrix. Query head h reads key-value head h / (H / K). A row's result does not depend on
// the other rows of the call.
at::Tensor segment_attention(const at::Tensor& query_THE, const at::Tensor& key_SKE,
                             const at::Tensor& value_SKE, const SegmentPlan& plan);

// A checked plan, with what a fused kernel needs to know of it on the device.
struct FlashPlan;  // internal
struct AttentionPlan {
  SegmentPlan segments;
  std::int64_t slots = 0;
  std::shared_ptr<const FlashPlan> flash;  // null: attention runs without such a kernel
};

// Makes a plan ready for many calls, as of all layers. heads: dtype and device of queries, keys and values,
// of `width` numbers; slots: rows of keys and values. The plan serves a backward pass where
// gradients are on when it is made.
std::shared_ptr<const AttentionPlan> plan_attention(SegmentPlan plan, std::int64_t slots,
                                                    const at::TensorOptions& heads, std::int64_t width);
at::Tensor segment_attention(const at::Tensor& query_THE, const at::Tensor& key_SKE,
                             const at::Tensor& value_SKE, const std::shared_ptr<const AttentionPlan>& plan);

}  // namespace tempo::model
