// Log-probabilities of given tokens and the entropy of their distributions, without keeping [tokens,
// vocabulary]. Shapes: T hidden rows, N targets, V vocabulary, D width.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace tempo::objective {

struct Logprobs {
  at::Tensor logp_N;     // float32 (float64 of float64 inputs)
  at::Tensor entropy_N;  // the same, in nats, of the row that predicts the target
};

struct LogprobOptions {
  double temperature = 1.0;       // logits are divided by it
  std::int64_t chunk_rows = 512;  // rows of logits that exist at a time
};

// Returns log softmax(hidden_TD[row_N] weight_VD^T / temperature)[target_N] and the entropy of each such row.
// hidden, weight: one floating dtype, in which the logits are multiplied; everything after is float32.
// row_N, target_N: int64 [N], row_N never falls; each distinct row is computed once. Differentiable once in
// hidden and weight through both results; the backward pass computes the logits again, chunk by chunk. Any
// device. Throws tempo::Error: shapes or dtypes that do not fit, rows that fall, indices outside.
Logprobs token_logprobs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
                        const at::Tensor& target_N, const LogprobOptions& options = {});

}  // namespace tempo::objective
