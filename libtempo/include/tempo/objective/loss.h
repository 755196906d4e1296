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
  double clip_low = 0.2;              // rho is clipped to [1 - clip_low, 1 + clip_high]
  double clip_high = 0.2;             // DAPO's clip-higher: 0.28
  std::optional<double> dual_clip{};  // c > 1: the loss of a negative advantage never exceeds c |A|
  double kl_coefficient = 0.0;        // of k3 to the reference model
  double entropy_coefficient = 0.0;   // bonus: subtracted from the loss
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
  at::Tensor count;                           // int32, responses through the node
  at::Tensor positive_count, negative_count;  // int32, those of them with A > 0 and with A < 0
};

// Returns the batch of a forest whose plan is model::plan_forest's. Nodes ordered by their parent.
// Throws tempo::Error when a trainable node has no parent (an empty prompt gives the model nothing to predict
// from), or when the credit is another forest's.
NodeBatch node_batch(const tree::Forest& forest, const credit::FoldedCredit& folded, at::Device device);

// Sums over original response tokens, whatever the aggregation, so that micro-batches and ranks add up;
// divide by `tokens` for means.
struct LossStats {
  double tokens = 0;               // original response tokens
  double clipped_low = 0;          // tokens with A < 0 and rho < 1 - clip_low
  double clipped_high = 0;         // tokens with A > 0 and rho > 1 + clip_high
  double clipped_dual = 0;         // tokens with A < 0 and rho > c
  double kl = 0;                   // k3 to the reference model, 0 without one
  double entropy = 0;              // in nats
  double logp_difference_max = 0;  // max |logp - old_logp|

  LossStats& operator+=(const LossStats& other);
};

struct Loss {
  at::Tensor value;  // float32 scalar, differentiable once in logp and entropy
  LossStats stats;
};

// Returns sum_n [-A+ min(rho, 1 + high) + A- min(c, max(rho, 1 - low)) + weight (kl_coefficient k3 -
// entropy_coefficient H)], rho = exp(logp - old_logp), k3 = exp(ref - logp) - (ref - logp) - 1. Differences
// of log-probabilities are cut at +-20, far outside of any clip, so that nothing overflows. ref_logp_N:
// undefined without a reference model; required when kl_coefficient > 0; with one, stats.kl is measured
// whatever the coefficient. float64 inputs give a float64 value, differentiable as often as wanted. Source:
// PPO, arXiv:1707.06347; dual clip, arXiv:1912.09729; clip-higher (DAPO), arXiv:2503.14476. Throws
// tempo::Error: bad options, columns of another length.
Loss clipped_loss(const NodeBatch& batch, const at::Tensor& logp_N, const at::Tensor& entropy_N,
                  const at::Tensor& ref_logp_N, const LossOptions& options);

}  // namespace tempo::objective
