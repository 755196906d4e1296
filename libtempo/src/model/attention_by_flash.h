// Attention over a segment plan by a fused kernel for packed sequences (flash attention). Such a kernel takes
// sequences of queries, each against one contiguous range of keys, and returns each query's output and
// logsumexp. So each path is cut into ranges, at the bounds of everyone's ranges, and
//  - the queries of all segments that read a range become one sequence against it: it is read once for all;
//  - the tokens of a segment against themselves are a causal sequence;
//  - the parts of a query, one a range, are merged exactly, with weights exp(part's logsumexp - merged one).
// Backwards, a range's part of the gradient is that of the kernel given the merged output and logsumexp.
// Shapes: T packed tokens, S slots, B sequences of a call, M query rows of a call, L key rows of a call, H
// query heads, E head width.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "attention_paths.h"

namespace tempo::model {

// Sequence b has the queries query_offset[b] .. query_offset[b + 1] - 1 and the keys key_begin[b] ..
// key_begin[b] + key_size[b] - 1, at least one of each. All int32 on the device of the heads.
struct FlashSequences {
  at::Tensor query_offset;  // [B + 1]
  at::Tensor key_begin;     // [B + 1]; forwards the last is not read
  at::Tensor key_size;      // [B]
  std::int64_t most_queries = 0, most_keys = 0;
  bool is_causal = false;  // then a sequence has as many keys as queries
};

struct FlashPart {
  at::Tensor output_MHE;    // in the inputs' dtype
  at::Tensor logsumexp_HM;  // float32 or wider, contiguous
};

// The kernel. Inputs: M query rows; key and value rows, more heads of queries than of keys allowed.
struct FlashKernel {
  FlashPart (*forward)(const AttentionInputs& rows, const FlashSequences& sequences);
  // The gradients that go through these keys, given the output and logsumexp over all keys of a query. Keys
  // are packed: key_begin[b + 1] = key_begin[b] + key_size[b].
  AttentionGradients (*backward)(const AttentionInputs& rows, const FlashPart& whole,
                                 const at::Tensor& grad_output_MHE, const FlashSequences& sequences);
};

// libtorch's, on CUDA devices of compute capability 8 or more. The same input gives the same bits.
FlashKernel libtorch_flash();
bool libtorch_flash_takes(const at::TensorOptions& heads, std::int64_t width);

// Rows of a tensor by int64 index; undefined: all of them in order.
struct FlashCall {
  FlashSequences sequences;
  at::Tensor token_M;
  at::Tensor slot_L, packed_key_offset;  // keys for the backward pass, where the plan serves one
};

// Parts of different queries: adding them up pass by pass has one order, whatever the device does.
struct FlashPass {
  at::Tensor part_P, token_P;
};

struct FlashPlan {
  std::vector<FlashCall> calls;
  std::vector<FlashPass> passes;  // the first has a part of every query
  at::Tensor token_M, place_M;    // of the parts of all calls: query; pass x T + query
};

// Returns null where the plan has no tokens, or a segment whose own tokens are not contiguous slots.
// Requires: a plan that segment_attention accepts for that many slots.
std::shared_ptr<const FlashPlan> plan_flash(const SegmentPlan& plan, std::int64_t slots, at::Device device,
                                            bool with_backward);

AttentionResult attention_by_flash(const AttentionInputs& inputs, const FlashPlan& plan,
                                   const FlashKernel& kernel = libtorch_flash());
AttentionGradients attention_backward_by_flash(const AttentionInputs& inputs, const AttentionResult& result,
                                               const at::Tensor& grad_output_THE, const FlashPlan& plan,
                                               const FlashKernel& kernel = libtorch_flash());

}  // namespace tempo::model
