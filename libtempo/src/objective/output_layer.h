// The output layer and its softmax over a chunk of rows at a time, forwards and backwards, in buffers made
// once: own kernels for float32 and bfloat16 on the CPU and on CUDA devices, ATen operators elsewhere.
// Shapes: C rows of a chunk, n targets of a chunk, V vocabulary, D width.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "tempo/kernels/softmax.h"
#include "tempo/model/products.h"

namespace tempo::objective {

// Returns the dtype of reductions and results: float32, or float64 for float64 inputs.
at::ScalarType wide_dtype(at::ScalarType dtype);

// What a chunk must predict: row c the targets first[c] - first[0] and on, to those of row c + 1, and target
// k belongs to row index[k], which never falls. All int64.
struct ChunkTargets {
  at::Tensor first;  // [C + 1]
  at::Tensor index_n;
  at::Tensor target_n;
};

// Log-probability of each target and entropy of its row, in the wide dtype.
struct TargetLogprobs {
  at::Tensor logp_n, entropy_n;
};

class OutputLayer {
 public:
  // Packs the weight, as it is now.
  OutputLayer(const at::Tensor& weight_VD, std::int64_t most_rows, double temperature);

  // Computes the logits and softmax of the next chunk.
  TargetLogprobs compute(const at::Tensor& hidden_CD, const ChunkTargets& targets);

  // Returns the gradient by the logits [C, V] in the weight's dtype, from that by the targets'
  // log-probabilities and that by their entropies, each undefined where there is none. Uses the logits up.
  at::Tensor gradient(const ChunkTargets& targets, const at::Tensor& d_logp_n, const at::Tensor& d_entropy_n);

 private:
  kernels::LogitRows<float> kernel_rows(const ChunkTargets& targets) const;
  TargetLogprobs softmax_by_kernels(const ChunkTargets& targets);
  TargetLogprobs softmax_by_operators(const ChunkTargets& targets);
  template <typename Gradient>
  at::Tensor gradient_by_kernels(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                 const at::Tensor& d_entropy_n);
  at::Tensor gradient_by_operators(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                   const at::Tensor& d_entropy_n);

  at::ScalarType narrow_;
  double temperature_;
  bool by_kernels_;
  model::PackedMatrix packed_;
  at::Tensor buffer_CV_, logits_CV_;         // wide; logits_CV_ is the part of a chunk
  at::Tensor softmax_;                       // by kernels: the memory of a RowSoftmax a row
  at::Tensor log_normaliser_C_, entropy_C_;  // by operators
};

// The gradients of the output layer's inputs, added up over chunks.
class OutputGradients {
 public:
  // hidden_TD: gradients wanted for it and for the weight.
  OutputGradients(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, bool of_hidden, bool of_weight);

  // Adds the gradients of the rows row_C of the hidden states.
  void add(const at::Tensor& d_logits_CV, const at::Tensor& hidden_CD, const at::Tensor& row_C);

  // Undefined where not wanted; dtypes of hidden and weight.
  at::Tensor hidden() const { return d_hidden_TD_; }
  at::Tensor weight() const;

 private:
  at::ScalarType narrow_;
  model::PackedMatrix packed_;
  at::Tensor d_hidden_TD_, d_weight_VD_;  // the weight's in the wide dtype whatever that of the products
};

}  // namespace tempo::objective
