// How token_logprobs walks its rows: chunk by chunk, in buffers made once.
// Shapes: T hidden rows, U distinct ones, C those of a chunk, N targets, V vocabulary, D width.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace tempo::objective {

// Targets first[u] .. first[u + 1] - 1 belong to distinct row u.
struct RowTargets {
  at::Tensor row_U;
  at::Tensor index_N;  // distinct row of each target
  std::vector<std::int64_t> first;
};

// Returns the distinct rows, found on the host, where the chunks' bounds are needed anyway. Throws
// tempo::Error for a row outside [0, rows) or below the one before it, or a target outside [0, vocabulary).
RowTargets distinct_rows(const at::Tensor& row_N, const at::Tensor& target_N, std::int64_t rows,
                         std::int64_t vocabulary);

// Distinct rows [begin, end) and their targets.
struct Chunk {
  std::int64_t begin, end;
  std::int64_t target_begin, target_end;

  std::int64_t rows() const { return end - begin; }
  at::Tensor of_rows(const at::Tensor& x_U) const { return x_U.narrow(0, begin, rows()); }
  at::Tensor of_targets(const at::Tensor& x_N) const {
    return x_N.narrow(0, target_begin, target_end - target_begin);
  }
};

// Returns the chunks of the rows that RowTargets::first describes.
std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& first, std::int64_t chunk_rows);

// Returns the dtype of reductions and results: float32, or float64 for float64 inputs.
at::ScalarType wide_dtype(at::ScalarType dtype);

// Two buffers of [chunk, vocabulary] in the wide dtype, and one in the weight's where that is another.
class LogitsBuffer {
 public:
  LogitsBuffer(const at::Tensor& weight_VD, std::int64_t rows, double temperature);

  // Returns the chunk's logits divided by the temperature, in the wide dtype: a view of the first buffer.
  at::Tensor compute(const at::Tensor& hidden_CD);

  // Returns exp(x): a view of the second buffer.
  at::Tensor exp(const at::Tensor& x_CV);

  // Returns x in the weight's dtype: x itself where that is the wide one.
  at::Tensor narrowed(const at::Tensor& x_CV);

 private:
  at::Tensor weight_VD_;
  double temperature_;
  at::Tensor wide_CV_, scratch_CV_;
  at::Tensor narrow_CV_;  // wide_CV_ itself where the dtypes agree
};

// The sum over chunks of d_logits^T hidden, in the wide dtype whatever that of the products.
class WeightGradient {
 public:
  explicit WeightGradient(const at::Tensor& weight_VD);

  void add(const at::Tensor& d_logits_CV, const at::Tensor& hidden_CD);

  // Returns the sum in the weight's dtype.
  at::Tensor result() const;

 private:
  at::Tensor sum_VD_;
  at::Tensor product_VD_;  // undefined where the weight's dtype is the wide one
};

}  // namespace tempo::objective
