// Small matrix products in a fixed order of summation.
#pragma once

#include <cstdint>

#include "simd.h"

namespace tempo::kernels {

// Columns are processed in chunks of this many, whatever the register width: pad arrays to it.
inline constexpr std::int64_t kColumnChunk = 32;

// A left operand: element (row, depth) stands at data[row * row_step + depth * depth_step].
struct Left {
  const float* data;
  std::int64_t row_step, depth_step;
};

// c (+)= a b for kRows rows and 2 kLanes columns. Each element is one chain of multiply-adds over the depth,
// so its bits depend neither on kRows nor on a cut of the depth into several calls.
template <int kRows, bool kAdd>
inline void multiply_rows(Left a, const float* b, std::int64_t b_step, std::int64_t depth, float* c,
                          std::int64_t c_step) {
  Floats sum[kRows][2] = {};
  if constexpr (kAdd) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      sum[r][0] = load(c + r * c_step);
      sum[r][1] = load(c + r * c_step + kLanes);
    }
  }
  for (std::int64_t d = 0; d < depth; ++d) {
    const Floats b0 = load(b + d * b_step), b1 = load(b + d * b_step + kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const float factor = a.data[r * a.row_step + d * a.depth_step];
      sum[r][0] += factor * b0;
      sum[r][1] += factor * b1;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    store(c + r * c_step, sum[r][0]);
    store(c + r * c_step + kLanes, sum[r][1]);
  }
}

// c [rows, columns] (+)= a [rows, depth] b [depth, columns]; columns a multiple of kColumnChunk.
template <bool kAdd>
inline void multiply(std::int64_t rows, std::int64_t columns, std::int64_t depth, Left a, const float* b,
                     std::int64_t b_step, float* c, std::int64_t c_step) {
  for (std::int64_t column = 0; column < columns; column += 2 * kLanes) {
    for (std::int64_t row = 0; row < rows; row += 6) {
      const Left at{a.data + row * a.row_step, a.row_step, a.depth_step};
      const float* const right = b + column;
      float* const out = c + row * c_step + column;
      switch (rows - row) {
        case 1:
          multiply_rows<1, kAdd>(at, right, b_step, depth, out, c_step);
          break;
        case 2:
          multiply_rows<2, kAdd>(at, right, b_step, depth, out, c_step);
          break;
        case 3:
          multiply_rows<3, kAdd>(at, right, b_step, depth, out, c_step);
          break;
        case 4:
          multiply_rows<4, kAdd>(at, right, b_step, depth, out, c_step);
          break;
        case 5:
          multiply_rows<5, kAdd>(at, right, b_step, depth, out, c_step);
          break;
        default:
          multiply_rows<6, kAdd>(at, right, b_step, depth, out, c_step);
          break;
      }
    }
  }
}

}  // namespace tempo::kernels
