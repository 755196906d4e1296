// The clipped loss straight from hidden states, in one pass over the logits. Shapes: T hidden rows, N nodes
// that are trained, V vocabulary, D width.
#pragma once

#include <ATen/ATen.h>

#include "tempo/objective/logprobs.h"
#include "tempo/objective/loss.h"

namespace tempo::objective {

// Returns clipped_loss of the batch with token_logprobs(hidden, weight, batch.row, batch.target): the same
// value and gradients. As the loss of a node depends on its own log-probability and entropy alone, each chunk
// of logits is computed once, for its loss and its gradient, where token_logprobs would compute it again on
// the way back. Gradients are computed here, and scaled by the backward pass. Throws what the two functions
// do.
Loss policy_loss(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const NodeBatch& batch,
                 const at::Tensor& ref_logp_N, const LossOptions& options, const LogprobOptions& logits = {});

}  // namespace tempo::objective
