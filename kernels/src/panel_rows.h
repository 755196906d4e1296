// Rows times a panel in registers: the loops of multiply_panel.
#pragma once

#include <cstdint>
#include <type_traits>

#include "simd.h"
#include "tempo/kernels/pack.h"

namespace tempo::kernels {

// Memory that a pass over the depth asks for on its way into the second-level cache: `lines` cache lines for
// each word of depth, from `address` on.
struct Ahead {
  std::uintptr_t address;
  std::int64_t lines;

  static constexpr std::int64_t kLineBytes = 64;
  void ask(std::int64_t word) const {
    for (std::int64_t line = word * lines; line < (word + 1) * lines; ++line)
      __builtin_prefetch(
          reinterpret_cast<const void*>(address + static_cast<std::uintptr_t>(line * kLineBytes)), 0, 2);
  }
};

// What a word holds on processors that multiply no pairs: one float32, or half `half` of two bfloat16.
template <typename Element>
inline Floats part_of(Words words, int half) {
  if constexpr (std::is_same_v<Element, float>) return reinterpret_cast<Floats>(words);
  return reinterpret_cast<Floats>(half == 0 ? words << 16 : words & 0xffff0000U);
}

#if defined(__AVX512BF16__)
template <typename Element>
inline constexpr bool kMultipliesPairs = kDepthStep<Element> == 2;
#else
template <typename Element>
inline constexpr bool kMultipliesPairs = false;
#endif

// sum += a panel for one word of each row of a and the words `column` of the panel, which are read once for
// all rows. Halves of words one after the other, so that few registers hold them.
template <typename Element, int kRows, int kVectors>
[[gnu::always_inline]] inline void add_word_products(const Element* a, std::int64_t stride,
                                                     const Words (&column)[kVectors],
                                                     Floats (&sum)[kRows][kVectors]) {
  if constexpr (kMultipliesPairs<Element>) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Words factor = Words{} + load_word(a + r * stride);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[r][v] = dot_pairs(sum[r][v], factor, column[v]);
    }
  } else {
#pragma GCC unroll 2
    for (int half = 0; half < kDepthStep<Element>; ++half) {
      Floats part[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) part[v] = part_of<Element>(column[v], half);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Floats factor = part_of<Element>(Words{} + load_word(a + r * stride), half);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sum[r][v] += factor * part[v];
      }
    }
  }
}

// c (+)= a panel for kRows rows of a and kVectors registers of columns; `words` along the depth. Each element
// is one chain of products along it.
template <typename Element, bool kAsk, int kRows, int kVectors>
void multiply_columns(MatrixRows<Element> a, std::int64_t words, const Element* panel, std::int64_t width,
                      const Ahead& ahead, bool add, float* c, std::int64_t c_stride) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  Floats sum[kRows][kVectors] = {};
  if (add) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r)
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(c + r * c_stride + v * kLanes);
  }
#pragma GCC unroll 4
  for (std::int64_t word = 0; word < words; ++word) {
    if constexpr (kAsk) ahead.ask(word);
    Words column[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) column[v] = load_words(panel + kStep * (word * width + v * kLanes));
    add_word_products<Element>(a.data + kStep * word, a.stride, column, sum);
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) store(c + r * c_stride + v * kLanes, sum[r][v]);
}

// The sums that fill the registers, and with them the rows taken at a time.
inline constexpr int kSums = kLanes == 16 ? 24 : 12;
inline constexpr int kMostVectors = kLanes == 16 ? 4 : 2;

// Rows from which a panel takes longer to multiply than to read: with fewer, asking for more is in the way.
inline constexpr std::int64_t kRowsToAsk = 10;

// The columns of a panel for the number of rows, kRows or fewer.
template <typename Element, int kRows, int kVectors>
void multiply_some_rows(std::int64_t rows, MatrixRows<Element> a, std::int64_t words, const Element* panel,
                        std::int64_t width, const Ahead& ahead, bool add, float* c, std::int64_t c_stride) {
  if constexpr (kRows > 1) {
    if (rows < kRows)
      return multiply_some_rows<Element, kRows - 1, kVectors>(rows, a, words, panel, width, ahead, add, c,
                                                              c_stride);
  }
  const auto multiply = ahead.lines > 0 ? multiply_columns<Element, true, kRows, kVectors>
                                        : multiply_columns<Element, false, kRows, kVectors>;
  for (std::int64_t column = 0; column < width; column += kVectors * kLanes)
    multiply(a, words, panel + kDepthStep<Element> * column, width, ahead, add, c + column, c_stride);
}

// The first pass reads the panel, the others find it in the cache: the next panel is asked for in all of them
// alike, so that memory is never idle.
template <typename Element, int kVectors>
void multiply_all_rows(MatrixRows<Element> a, std::int64_t rows, std::int64_t words, const Element* panel,
                       std::int64_t width, std::int64_t next, bool add, float* c, std::int64_t c_stride) {
  constexpr int kRows = kSums / kVectors;
  const std::int64_t passes = (rows + kRows - 1) / kRows, lines = (kVectors + passes - 1) / passes;
  const std::int64_t share = words * lines * Ahead::kLineBytes;
  std::int64_t left = next != 0 && passes > 1 && rows >= kRowsToAsk ? words * width * 4 : 0;
  const std::int64_t next_bytes = next * static_cast<std::int64_t>(sizeof(Element));
  Ahead ahead{reinterpret_cast<std::uintptr_t>(panel) + static_cast<std::uintptr_t>(next_bytes),
              left > 0 ? lines : 0};
  for (std::int64_t row = 0; row < rows; row += kRows, left -= share) {
    if (left <= 0) ahead.lines = 0;
    multiply_some_rows<Element, kRows, kVectors>(rows - row, {a.data + row * a.stride, a.stride}, words,
                                                 panel, width, ahead, add, c + row * c_stride, c_stride);
    ahead.address += static_cast<std::uintptr_t>(share);
  }
}

template <typename Element>
void multiply_panel_rows(MatrixRows<Element> a, std::int64_t rows, std::int64_t words, const Element* panel,
                         std::int64_t width, std::int64_t next, bool add, float* c, std::int64_t c_stride) {
  const auto fits = [&](int vectors, std::int64_t most_rows) {
    return rows <= most_rows && width % (vectors * kLanes) == 0;
  };
  auto multiply = multiply_all_rows<Element, 1>;
  if (fits(kMostVectors / 2, rows)) multiply = multiply_all_rows<Element, kMostVectors / 2>;
  if (fits(kMostVectors, rows)) multiply = multiply_all_rows<Element, kMostVectors>;
  if constexpr (kLanes < 16) {  // few rows: the panel as it stands in memory
    if (fits(4, 3)) multiply = multiply_all_rows<Element, 4>;
    if (fits(8, 1)) multiply = multiply_all_rows<Element, 8>;
  }
  multiply(a, rows, words, panel, width, next, add, c, c_stride);
}

}  // namespace tempo::kernels
