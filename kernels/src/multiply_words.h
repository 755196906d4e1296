// Matrix products whose depth runs in 32-bit words: pairs of bfloat16 or single float32, summed in float32 in
// a fixed order.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "simd.h"

namespace tempo::kernels {

typedef std::uint32_t LooseWord __attribute__((may_alias));  // also read from arrays of float

// A left operand: the word (row, depth) stands at data[row * row_step + depth * depth_step].
struct LeftWords {
  const LooseWord* data;
  std::int64_t row_step, depth_step;
};

// A right operand [depth, columns] and the sums [rows, columns]: rows stand `step` words apart.
struct RightWords {
  const LooseWord* data;
  std::int64_t step;
};
struct Sums {
  float* data;
  std::int64_t step;
};

// Rows and registers of columns that are summed side by side: as many as the registers hold.
inline constexpr std::int64_t kSumRows = 6;
inline constexpr int kSumVectors = kLanes == 16 ? 4 : 2;

// Returns sum + a b, of each of the two numbers where a word holds two.
template <typename Element>
inline Floats dot_words(Floats sum, std::uint32_t a, Words b) {
  if constexpr (std::is_same_v<Element, float>) {
    return sum + std::bit_cast<float>(a) * reinterpret_cast<Floats>(b);
  } else {
    return dot_pairs(sum, Words{} + a, b);
  }
}

template <typename Element, bool kAdd, int kVectors, int kRows>
[[gnu::always_inline]] inline void multiply_word_block(std::int64_t depth, LeftWords a, RightWords b,
                                                       Sums c) {
  Floats sum[kRows][kVectors] = {};
  if constexpr (kAdd) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(c.data + r * c.step + v * kLanes);
    }
  }
  for (std::int64_t d = 0; d < depth; ++d) {
    Words right[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) right[v] = load_words(b.data + d * b.step + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const std::uint32_t left = a.data[r * a.row_step + d * a.depth_step];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sum[r][v] = dot_words<Element>(sum[r][v], left, right[v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) store(c.data + r * c.step + v * kLanes, sum[r][v]);
  }
}

// Up to kSumRows rows.
template <typename Element, bool kAdd, int kVectors, int kRows = kSumRows>
[[gnu::always_inline]] inline void multiply_word_rows(std::int64_t rows, std::int64_t depth, LeftWords a,
                                                      RightWords b, Sums c) {
  if (kRows == 1 || rows == kRows) return multiply_word_block<Element, kAdd, kVectors, kRows>(depth, a, b, c);
  if constexpr (kRows > 1) multiply_word_rows<Element, kAdd, kVectors, kRows - 1>(rows, depth, a, b, c);
}

// Up to kSumVectors registers of columns.
template <typename Element, bool kAdd, int kVectors = kSumVectors>
[[gnu::always_inline]] inline void multiply_word_columns(std::int64_t vectors, std::int64_t rows,
                                                         std::int64_t depth, LeftWords a, RightWords b,
                                                         Sums c) {
  if (kVectors == 1 || vectors == kVectors) {
    for (std::int64_t row = 0; row < rows; row += kSumRows) {
      multiply_word_rows<Element, kAdd, kVectors>(rows - row < kSumRows ? rows - row : kSumRows, depth,
                                                  {a.data + row * a.row_step, a.row_step, a.depth_step}, b,
                                                  {c.data + row * c.step, c.step});
    }
    return;
  }
  if constexpr (kVectors > 1)
    multiply_word_columns<Element, kAdd, kVectors - 1>(vectors, rows, depth, a, b, c);
}

// c [rows, columns] (+)= a [rows, depth words] b [depth words, columns]; columns a multiple of kLanes. Each
// element is one chain over the depth, so its bits do not depend on the other rows and columns.
template <typename Element, bool kAdd>
inline void multiply_words(std::int64_t rows, std::int64_t columns, std::int64_t depth, const LeftWords& a,
                           const RightWords& b, const Sums& c) {
  for (std::int64_t column = 0; column < columns; column += kSumVectors * kLanes) {
    const std::int64_t left = (columns - column) / kLanes;
    multiply_word_columns<Element, kAdd>(left < kSumVectors ? left : kSumVectors, rows, depth, a,
                                         {b.data + column, b.step}, {c.data + column, c.step});
  }
}

}  // namespace tempo::kernels
