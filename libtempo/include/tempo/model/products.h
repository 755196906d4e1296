// Matrix products whose bits depend on the operands alone. On a CPU they run in blocks of fixed depth, with
// AVX-512 (for bfloat16: its dot products) by oneDNN's block kernel, else with AVX2 by our own, which takes
// bfloat16 apart into float32; each element is summed in one order, so a row's bits do not depend on the
// other rows, on the number of threads, nor on when an operand was packed. On devices and on CPUs without
// AVX2 they are ATen's. Shapes: M rows, K depth, N columns.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tempo::model {

class PackMemory;  // internal: one block of memory for many operands

// The right operand b [K, N] of products, copied into the layout that they read.
class PackedMatrix {
 public:
  PackedMatrix() = default;

  // b = weight^T, so that a b is a linear layer's output. Reads the weight when called: pack again after it
  // has changed.
  static PackedMatrix of_weight(const at::Tensor& weight_NK, PackMemory* memory = nullptr);
  // What of_weight takes from the memory: 0 where products are not in blocks.
  static std::int64_t bytes_of_weight(const at::Tensor& weight_NK);
  static PackedMatrix of_matrix(const at::Tensor& b_KN);

  std::int64_t depth() const { return depth_; }
  std::int64_t columns() const { return columns_; }

  // For the products below. Width of a panel of columns, 0: not packed; data [panels, depth / step, width,
  // step], or b itself.
  std::int64_t panel_width() const { return panel_width_; }
  const at::Tensor& data() const { return data_; }

 private:
  std::int64_t depth_ = 0, columns_ = 0, panel_width_ = 0;
  at::Tensor data_;
};

// Returns a b_i (+ bias_i; undefined: none) for each operand, in a's dtype; rows of a_MK contiguous, dtype
// that of the operands. bias: empty, or one an operand.
std::vector<at::Tensor> multiply_each(const at::Tensor& a_MK, std::span<const PackedMatrix> b,
                                      std::span<const at::Tensor> bias_N = {});

// Returns the sum of a_i b_i, rounded once where the blocks are at work.
at::Tensor multiply_sum(std::span<const at::Tensor> a_MK, std::span<const PackedMatrix> b);

// Writes a b to `out_MN`, contiguous, of a's dtype or float32; the blocks do not round to bfloat16 between.
void multiply_out(const at::Tensor& a_MK, const PackedMatrix& b, const at::Tensor& out_MN);

// Returns a_i^T b [M, N] of a_KM and b_KN in their dtype: the gradients of weights, summed over K tokens.
std::vector<at::Tensor> transposed_products(std::span<const at::Tensor> a_KM, const at::Tensor& b_KN);

// Adds a^T b to out_MN, contiguous, of their dtype or float32.
void add_transposed_product(const at::Tensor& a_KM, const at::Tensor& b_KN, const at::Tensor& out_MN);

}  // namespace tempo::model
