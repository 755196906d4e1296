// The output layer and its softmax over a chunk of rows at a time, forwards and backwards, in buffers made
// once: own CPU kernels for float32 and bfloat16, ATen operators elsewhere. Shapes: C rows of a chunk, n
// targets of a chunk, V vocabulary, D width.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "tempo/kernels/logprob.h"
#include "tempo/model/products.h"

namespace tempo::objective {

// Returns the dtype of reductions and results: float32, or float64 for float64 inputs.
at::ScalarType wide_dtype(at::ScalarType dtype);

// What a chunk must predict: target k belongs to row index[k], which never falls.
struct ChunkTargets {
  at::Tensor index_n;   // int64
  at::Tensor target_n;  // int64
};

class OutputLayer {
 public:
  // Packs the weight, as it is now.
  OutputLayer(const at::Tensor& weight_VD, std::int64_t most_rows, double temperature);

  // Computes the logits and softmax of the next chunk.
  void compute(const at::Tensor& hidden_CD);

  // Log-probability of each target [n] and entropy of each row [C], in the wide dtype.
  at::Tensor logp(const ChunkTargets& targets) const;
  at::Tensor entropy() const;

  // Returns the gradient by the logits [C, V] in the weight's dtype, from that by the targets'
  // log-probabilities [n] and that by the rows' entropies [C], each undefined where there is none. Uses the
  // logits up.
  at::Tensor gradient(const ChunkTargets& targets, const at::Tensor& d_logp_n, const at::Tensor& d_entropy_C);

 private:
  void softmax_by_kernels();
  void softmax_by_operators();
  at::Tensor gradient_by_kernels(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                 const at::Tensor& d_entropy_C);
  at::Tensor gradient_by_operators(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                   const at::Tensor& d_entropy_C);

  at::ScalarType narrow_;
  double temperature_;
  bool by_kernels_;
  model::PackedMatrix packed_;
  at::Tensor buffer_CV_, logits_CV_;          // wide; logits_CV_ is the part of a chunk
  std::vector<kernels::RowSoftmax> softmax_;  // by kernels
  at::Tensor log_normaliser_C_, entropy_C_;   // by operators
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
