#include <algorithm>

#include "simd.h"
#include "tempo/kernels/pack.h"

namespace tempo::kernels {
namespace {

// Memory that a pass over the depth asks for on its way into the second-level cache: `lines` cache lines for
// each pair, from `address` on.
struct Ahead {
  std::uintptr_t address;
  std::int64_t lines;

  static constexpr std::int64_t kLineBytes = 64;
  void ask(std::int64_t pair) const {
    for (std::int64_t line = pair * lines; line < (pair + 1) * lines; ++line)
      __builtin_prefetch(
          reinterpret_cast<const void*>(address + static_cast<std::uintptr_t>(line * kLineBytes)), 0, 2);
  }
};

// c (+)= a panel for kRows rows of a and kVectors registers of columns: a register of words of the panel is
// read once for all rows, and each element is one chain of dot products along the depth.
template <int kRows, int kVectors>
void multiply_columns(MatrixRows<BFloat16> a, std::int64_t pairs, const BFloat16* panel, std::int64_t width,
                      const Ahead& ahead, bool add, float* c, std::int64_t c_stride) {
  Floats sum[kRows][kVectors] = {};
  if (add) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r)
      for (int v = 0; v < kVectors; ++v) sum[r][v] = load(c + r * c_stride + v * kLanes);
  }
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    ahead.ask(pair);
    Words column[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) column[v] = load_words(panel + 2 * (pair * width + v * kLanes));
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Words factor = Words{} + load_word(a.data + r * a.stride + 2 * pair);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[r][v] = dot_pairs(sum[r][v], factor, column[v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) store(c + r * c_stride + v * kLanes, sum[r][v]);
}

// The sums that fill the registers, and with them the rows taken at a time.
constexpr int kSums = 24;

// Rows from which a panel takes longer to multiply than to read: with fewer, asking for more is in the way.
constexpr std::int64_t kRowsToAsk = 10;

// The columns of a panel for the number of rows, kRows or fewer.
template <int kRows, int kVectors>
void multiply_some_rows(std::int64_t rows, MatrixRows<BFloat16> a, std::int64_t pairs, const BFloat16* panel,
                        std::int64_t width, const Ahead& ahead, bool add, float* c, std::int64_t c_stride) {
  if constexpr (kRows > 1) {
    if (rows < kRows)
      return multiply_some_rows<kRows - 1, kVectors>(rows, a, pairs, panel, width, ahead, add, c, c_stride);
  }
  for (std::int64_t column = 0; column < width; column += kVectors * kLanes)
    multiply_columns<kRows, kVectors>(a, pairs, panel + 2 * column, width, ahead, add, c + column, c_stride);
}

// The first pass reads the panel, the others find it in the cache: the next panel is asked for in all of them
// alike, so that memory is never idle.
template <int kVectors>
void multiply_all_rows(MatrixRows<BFloat16> a, std::int64_t rows, std::int64_t pairs, const BFloat16* panel,
                       std::int64_t width, std::int64_t next, bool add, float* c, std::int64_t c_stride) {
  constexpr int kRows = kSums / kVectors;
  const std::int64_t passes = (rows + kRows - 1) / kRows, lines = (kVectors + passes - 1) / passes;
  const std::int64_t share = pairs * lines * Ahead::kLineBytes;
  std::int64_t left = next != 0 && passes > 1 && rows >= kRowsToAsk ? pairs * width * 4 : 0;
  Ahead ahead{reinterpret_cast<std::uintptr_t>(panel) + static_cast<std::uintptr_t>(2 * next), lines};
  for (std::int64_t row = 0; row < rows; row += kRows, left -= share) {
    if (left <= 0) ahead.lines = 0;
    multiply_some_rows<kRows, kVectors>(rows - row, {a.data + row * a.stride, a.stride}, pairs, panel, width,
                                        ahead, add, c + row * c_stride, c_stride);
    ahead.address += static_cast<std::uintptr_t>(share);
  }
}

}  // namespace

bool has_panel_product() {
#if defined(__AVX512BF16__)
  return true;
#else
  return false;
#endif
}

void multiply_panel(MatrixRows<BFloat16> a, std::int64_t rows, std::int64_t depth, const BFloat16* panel,
                    std::int64_t width, bool add, float* c, std::int64_t c_stride, std::int64_t next) {
  const auto multiply = width % (4 * kLanes) == 0   ? multiply_all_rows<4>
                        : width % (2 * kLanes) == 0 ? multiply_all_rows<2>
                                                    : multiply_all_rows<1>;
  multiply(a, rows, depth / 2, panel, width, next, add, c, c_stride);
}

}  // namespace tempo::kernels
