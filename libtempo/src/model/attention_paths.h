// The implementations of attention over a segment plan: own CPU kernels, ATen operators for any device, and a
// fused kernel for packed sequences (attention_by_flash.h). All sum in float32 and agree to its rounding, the
// last to that of its parts in the inputs' dtype.
#pragma once

#include <ATen/ATen.h>

#include "tempo/model/segment_plan.h"

namespace tempo::model {

// Shapes: T packed tokens, S slots, H query heads, K key-value heads, E head width.
struct AttentionInputs {
  at::Tensor query_THE;
  at::Tensor key_SKE;
  at::Tensor value_SKE;
};

struct AttentionResult {
  at::Tensor output_THE;    // in the inputs' dtype
  at::Tensor logsumexp_TH;  // float32: logarithm of each row's softmax denominator
};

// Gradients in the inputs' dtype. A slot that no key range holds gets zeros.
struct AttentionGradients {
  at::Tensor query_THE;
  at::Tensor key_SKE;
  at::Tensor value_SKE;
};

// On the CPU only. A row's bits depend on its own query and its keys in path order, and on nothing else: not
// on the other rows, the slots, or the number of threads. Nor do the gradients' bits depend on the threads.
AttentionResult attention_by_kernels(const AttentionInputs& inputs, const SegmentPlan& plan);
AttentionGradients attention_backward_by_kernels(const AttentionInputs& inputs, const AttentionResult& result,
                                                 const at::Tensor& grad_output_THE, const SegmentPlan& plan);

// On any device. Long segments are processed in chunks of queries, so that the scores stay small.
AttentionResult attention_by_operators(const AttentionInputs& inputs, const SegmentPlan& plan);
AttentionGradients attention_backward_by_operators(const AttentionInputs& inputs,
                                                   const AttentionResult& result,
                                                   const at::Tensor& grad_output_THE,
                                                   const SegmentPlan& plan);

}  // namespace tempo::model
