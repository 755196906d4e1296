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

// c (+)= a b for kRows rows and 2 kLanes columns; b float32 or bfloat16. Each element is one chain of
// multiply-adds over the depth, so its bits depend neither on kRows nor on a cut of the depth into several
// calls.
template <int kRows, bool kAdd, typename Element>
inline void multiply_rows(Left a, const Element* b, std::int64_t b_step, std::int64_t depth, float* c,
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
template <bool kAdd, typename Element>
inline void multiply(std::int64_t rows, std::int64_t columns, std::int64_t depth, Left a, const Element* b,
                     std::int64_t b_step, float* c, std::int64_t c_step) {
  for (std::int64_t column = 0; column < columns; column += 2 * kLanes) {
    for (std::int64_t row = 0; row < rows; row += 6) {
      const Left at{a.data + row * a.row_step, a.row_step, a.depth_step};
      const Element* const right = b + column;
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

// Pairs of bfloat16 along the depth: c [rows, columns] = scale (a b), a [rows, pairs] and b [pairs, b_step]
// of words; columns a multiple of 2 kLanes. Each element is one chain over the pairs, then scaled.
template <int kRows>
inline void multiply_pair_rows(std::int64_t columns, std::int64_t pairs, const std::uint32_t* a,
                               std::int64_t a_step, const std::uint32_t* b, std::int64_t b_step, float scale,
                               float* c, std::int64_t c_step) {
  for (std::int64_t column = 0; column < columns; column += 2 * kLanes) {
    Floats sum[kRows][2] = {};
    for (std::int64_t d = 0; d < pairs; ++d) {
      const Words b0 = load_words(b + d * b_step + column), b1 = load_words(b + d * b_step + column + kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const Words factor = Words{} + a[r * a_step + d];
        sum[r][0] = dot_pairs(sum[r][0], factor, b0);
        sum[r][1] = dot_pairs(sum[r][1], factor, b1);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      store(c + r * c_step + column, sum[r][0] * scale);
      store(c + r * c_step + column + kLanes, sum[r][1] * scale);
    }
  }
}

inline void multiply_pairs(std::int64_t rows, std::int64_t columns, std::int64_t pairs,
                           const std::uint32_t* a, std::int64_t a_step, const std::uint32_t* b,
                           std::int64_t b_step, float scale, float* c, std::int64_t c_step) {
  std::int64_t row = 0;
  for (; row + 6 <= rows; row += 6)
    multiply_pair_rows<6>(columns, pairs, a + row * a_step, a_step, b, b_step, scale, c + row * c_step,
                          c_step);
  for (; row + 3 <= rows; row += 3)
    multiply_pair_rows<3>(columns, pairs, a + row * a_step, a_step, b, b_step, scale, c + row * c_step,
                          c_step);
  for (; row < rows; ++row)
    multiply_pair_rows<1>(columns, pairs, a + row * a_step, a_step, b, b_step, scale, c + row * c_step,
                          c_step);
}

}  // namespace tempo::kernels
