// The clipped policy loss on the nodes of a forest: exactly the sum of its responses' token losses
// (docs/algorithm.md, "Fold"). Shapes: N nodes that are trained.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "tempo/credit/fold.h"
#include "tempo/tree/forest.h"

namespace tempo::objective {

struct LossOptions {
  double clip_low = 0.2;             // rho is clipped to [1 - clip_low, 1 + clip_high]
  double clip_high = 0.2;            // DAPO's clip-higher: 0.28
  std::optional<double> dual_clip;   // c > 1: the loss of a negative advantage never exceeds c |A|
  double kl_coefficient = 0.0;       // of k3 to the reference model
  double entropy_coefficient = 0.0;  // bonus: subtracted from the loss
  credit::Aggregation aggregation = credit::Aggregation::kTokenMean;

  // Throws tempo::Error naming the field.
  void validate() const;
};

// The trainable nodes of a forest as tensors: what the model must predict, and the columns of the loss. [N]
struct NodeBatch {
  at::Tensor node;    // int64, index in the forest
  at::Tensor row;     // int64, never falling: packed token whose hidden state predicts the node (its parent)
  at::Tensor target;  // int64, the node's token
  at::Tensor old_logp;                        // float32
  at::Tensor positive, negative, weight;      // float32, folded credit
  at::Tensor positive_count, negative_count;  // float32
};

// Returns the batch of a forest whose plan is model::plan_forest's. Nodes ordered by their parent.
// Throws tempo::Error when a trainable node has no parent (an empty prompt gives the model nothing to predict
// from).
NodeBatch node_batch(const tree::Forest& forest, const credit::FoldedCredit& folded, at::Device device);

// Sums over original response tokens, so that micro-batches and ranks add up; divide by `tokens` for means.
struct LossStats {
  double tokens = 0;        // original response tokens with a non-zero advantage or weight
  double clipped_low = 0;   // tokens with A < 0 and rho < 1 - clip_low
  double clipped_high = 0;  // tokens with A > 0 and rho > 1 + clip_high
  double clipped_dual = 0;  // tokens with A < 0 and rho > c
  double kl = 0;            // weighted sums: the mean under the aggregation's weights
  double entropy = 0;
  double logp_difference_max = 0;  // max |logp - old_logp|

  LossStats& operator+=(const LossStats& other);
};

struct Loss {
  at::Tensor value;  // float32 scalar, differentiable in logp and entropy
  LossStats stats;
};

// Returns sum_n [-A+ min(rho, 1 + high) + A- min(c, max(rho, 1 - low)) + weight (kl_coefficient k3 -
// entropy_coefficient H)], rho = exp(logp - old_logp), k3 = exp(ref - logp) - (ref - logp) - 1. ref_logp_N:
// undefined without a reference model; required when kl_coefficient > 0.
Loss clipped_loss(const NodeBatch& batch, const at::Tensor& logp_N, const at::Tensor& entropy_N,
                  const at::Tensor& ref_logp_N, const LossOptions& options);

}  // namespace tempo::objective
