// The clipped loss of some nodes with its gradient, without a graph and without waiting for the device: own
// kernels for float32 on the CPU and on CUDA devices, ATen operators elsewhere. Shapes: N nodes.
#pragma once

#include <ATen/ATen.h>

#include "tempo/objective/loss.h"

namespace tempo::objective {

// What the loss reads of the model, one number a node.
struct NodeLogprobs {
  at::Tensor logp_N, entropy_N;
  at::Tensor ref_logp_N;  // undefined: no reference model
};

// Whether own kernels compute the loss.
bool has_loss_kernel(const at::Tensor& logp_N);

// By the log-probability and the entropy of each node; undefined where the loss does not depend on it.
struct NodeGradient {
  at::Tensor d_logp_N, d_entropy_N;
};

// Writes the memory of kernels::ClippedLossSums to sums_8, dense float64, and returns the gradient of the
// loss.
NodeGradient loss_by_kernels(const NodeBatch& batch, const NodeLogprobs& of_nodes, const LossOptions& options,
                             const at::Tensor& sums_8);

// Returns the loss, differentiable, in the dtype of logp, and writes the sums.
at::Tensor loss_by_operators(const NodeBatch& batch, const NodeLogprobs& of_nodes, const LossOptions& options,
                             const at::Tensor& sums_8);

// Returns the statistics of sums_8, or of the rows [chunks, 8] together, in one transfer.
LossStats read_stats(const at::Tensor& sums);

}  // namespace tempo::objective
