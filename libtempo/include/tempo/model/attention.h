// Grouped-query attention over a segment plan, with its gradient.
#pragma once

#include <ATen/ATen.h>

#include "tempo/model/segment_plan.h"

namespace tempo::model {

// Returns softmax(q k^T / sqrt(E)) v for each segment's queries over the keys on its path, causal, aligned at
// the end. query_THE [T, H, E]; key_SKE and value_SKE [S, K, E], H a multiple of K; plan slots below S. Same
// dtype and device; float32 or bfloat16, sums in float32. Returns [T, H, E]. Differentiable in all three;
// keeps no [T, S] matrix. Query head h reads key-value head h / (H / K). A row's result does not depend on
// the other rows of the call.
at::Tensor segment_attention(const at::Tensor& query_THE, const at::Tensor& key_SKE,
                             const at::Tensor& value_SKE, const SegmentPlan& plan);

}  // namespace tempo::model
