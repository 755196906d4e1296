// Layouts of the operands of block products: panels of columns whose steps of depth stand together, as the
// processors' dot-product instructions read them. Single-threaded: a caller deals panels to threads.
#pragma once

#include <cstdint>

#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels {

// Numbers along the depth that stand side by side: pairs of bfloat16, single float32.
template <typename Element>
inline constexpr std::int64_t kDepthStep = 4 / static_cast<std::int64_t>(sizeof(Element));

// A matrix in memory; a row is contiguous, rows stand `stride` elements apart.
template <typename Element>
struct MatrixRows {
  const Element* data = nullptr;
  std::int64_t stride = 0;
};

// Part of a panel: `depth` numbers (padded with zeros to a multiple of kDepthStep) of `columns` columns
// (padded with zeros to `width`, a multiple of 16).
struct PanelShape {
  std::int64_t depth = 0;
  std::int64_t columns = 0;
  std::int64_t width = 0;
};

// Writes panel [depth / step, width, step] of b [depth, columns], given as rows of b.
template <typename Element>
void pack_rows(MatrixRows<Element> b, const PanelShape& shape, Element* panel);

// The same, b given as rows of its transpose [columns, depth]: a linear layer's weight [out, in].
template <typename Element>
void pack_transposed(MatrixRows<Element> b_transposed, const PanelShape& shape, Element* panel);

// Writes the transpose of from [rows, columns]: to [columns, padded_rows], rows of it `to_stride` apart,
// zeros past the last row. Requires padded_rows a multiple of 2 * 16.
template <typename Element>
void transpose_matrix(MatrixRows<Element> from, std::int64_t rows, std::int64_t columns, Element* to,
                      std::int64_t to_stride, std::int64_t padded_rows);

// c [rows, width] (+)= a [rows, depth] panel: six rows at a time, the panel from the cache after the first
// six. Each element is one chain of multiply-adds along the depth, for bfloat16 of the processor's dot
// products of pairs where it has them, so its bits do not depend on the other rows or on a cut of the depth
// into calls with `add`. Requires: depth a multiple of kDepthStep, width a multiple of 16.
// next: how many numbers further on the panel stands that is to be multiplied next, which is brought into the
// cache meanwhile; 0: none. There need be no memory.
template <typename Element>
void multiply_panel(MatrixRows<Element> a, std::int64_t rows, std::int64_t depth, const Element* panel,
                    std::int64_t width, bool add, float* c, std::int64_t c_stride, std::int64_t next = 0);

// Whether multiply_panel is compiled to fused multiply-adds (AVX2 or later), and to dot products of pairs of
// bfloat16 (AVX-512 bfloat16).
bool has_panel_product();
bool has_pair_products();

// Writes a tile of sums [rows, columns] (+ bias [columns], null: none) to `to`, rounded to its type.
template <typename Element>
void store_tile(MatrixRows<float> sums, std::int64_t rows, std::int64_t columns, const Element* bias,
                Element* to, std::int64_t to_stride);

// Adds the tile to what `to` holds.
void add_tile(MatrixRows<float> sums, std::int64_t rows, std::int64_t columns, float* to,
              std::int64_t to_stride);

}  // namespace tempo::kernels
