#include "tempo/kernels/pack.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "simd.h"

namespace tempo::kernels {
namespace {

// A step of depth is one 32-bit word for either element: two bfloat16, the lower depth in the lower half, or
// one float32. All moves below are of words.
using Word = std::uint32_t;
constexpr std::int64_t kSquare = 16;

// A square of words, transposed in registers where they are that wide.
void transpose_square(const Word* from, std::int64_t from_stride, Word* to, std::int64_t to_stride) {
  for (std::int64_t top = 0; top < kSquare; top += kLanes) {
    for (std::int64_t left = 0; left < kSquare; left += kLanes) {
      Floats row[kLanes];
      for (int i = 0; i < kLanes; ++i)
        row[i] = load(reinterpret_cast<const float*>(from + (top + i) * from_stride + left));
      transpose(row);
      for (int i = 0; i < kLanes; ++i)
        store(reinterpret_cast<float*>(to + (left + i) * to_stride + top), row[i]);
    }
  }
}

// Writes `words` steps of depth of a square's 16 columns, read from rows of the transpose.
template <typename Element>
void pack_edge(MatrixRows<Element> b_transposed, std::int64_t depth, std::int64_t columns, Word* to,
               std::int64_t to_stride) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  for (std::int64_t word = 0; word * kStep < depth; ++word) {
    for (std::int64_t c = 0; c < kSquare; ++c) {
      Element step[kStep] = {};
      for (std::int64_t i = 0; c < columns && i < std::min(kStep, depth - word * kStep); ++i)
        step[i] = b_transposed.data[c * b_transposed.stride + word * kStep + i];
      std::memcpy(to + word * to_stride + c, step, sizeof(Word));
    }
  }
}

// Writes one step of depth: a row of float32, or two rows of bfloat16 zipped; a missing second row is zero.
void zip_rows(const float* first, const float*, std::int64_t columns, Word* to) {
  std::memcpy(to, first, static_cast<std::size_t>(columns) * sizeof(Word));
}
void zip_rows(const BFloat16* first, const BFloat16* second, std::int64_t columns, Word* to) {
  if (second == nullptr) {
    for (std::int64_t c = 0; c < columns; ++c) to[c] = first[c].bits;
    return;
  }
  for (std::int64_t c = 0; c < columns; ++c)
    to[c] = Word{first[c].bits} | static_cast<Word>(Word{second[c].bits} << 16);
}

// Returns row `index`, or null where there is none.
template <typename Element>
const Element* row_or_null(MatrixRows<Element> b, std::int64_t index, std::int64_t rows) {
  return index < rows ? b.data + index * b.stride : nullptr;
}

}  // namespace

template <typename Element>
void pack_rows(MatrixRows<Element> b, const PanelShape& shape, Element* panel) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  auto* to = reinterpret_cast<Word*>(panel);
  for (std::int64_t d = 0; d < shape.depth; d += kStep, to += shape.width) {
    zip_rows(b.data + d * b.stride, row_or_null(b, d + 1, shape.depth), shape.columns, to);
    std::fill(to + shape.columns, to + shape.width, Word{0});
  }
}

template <typename Element>
void pack_transposed(MatrixRows<Element> b_transposed, const PanelShape& shape, Element* panel) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  auto* const to = reinterpret_cast<Word*>(panel);
  for (std::int64_t c = 0; c < shape.width; c += kSquare) {
    const std::int64_t columns = std::clamp<std::int64_t>(shape.columns - c, 0, kSquare);
    const Element* const rows = b_transposed.data + c * b_transposed.stride;
    std::int64_t d = 0;
    if (columns == kSquare) {
      for (; d + kSquare * kStep <= shape.depth; d += kSquare * kStep) {
        transpose_square(reinterpret_cast<const Word*>(rows + d), b_transposed.stride / kStep,
                         to + d / kStep * shape.width + c, shape.width);
      }
    }
    pack_edge<Element>({rows + d, b_transposed.stride}, shape.depth - d, columns,
                       to + d / kStep * shape.width + c, shape.width);
  }
}

template <typename Element>
void transpose_matrix(MatrixRows<Element> from, std::int64_t rows, std::int64_t columns, Element* to,
                      std::int64_t to_stride, std::int64_t padded_rows) {
  constexpr std::int64_t kStep = kDepthStep<Element>, kTall = kSquare * kStep;
  alignas(64) Word zipped[kSquare * kSquare], turned[kSquare * kSquare];
  for (std::int64_t c = 0; c < columns; c += kSquare) {
    const std::int64_t width = std::min(kSquare, columns - c);
    for (std::int64_t r = 0; r < padded_rows; r += kTall) {
      std::fill_n(zipped, kSquare * kSquare, Word{0});
      for (std::int64_t i = 0; i < kSquare && r + i * kStep < rows; ++i) {
        const Element* const second = row_or_null(from, r + i * kStep + 1, rows);
        zip_rows(from.data + (r + i * kStep) * from.stride + c, second ? second + c : nullptr, width,
                 zipped + i * kSquare);
      }
      transpose_square(zipped, kSquare, turned, kSquare);
      for (std::int64_t i = 0; i < width; ++i)
        std::memcpy(to + (c + i) * to_stride + r, turned + i * kSquare, kTall * sizeof(Element));
    }
  }
}

template <typename Element>
void store_tile(MatrixRows<float> sums, std::int64_t rows, std::int64_t columns, const Element* bias,
                Element* to, std::int64_t to_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* const sum = sums.data + r * sums.stride;
    Element* const out = to + r * to_stride;
    if (bias == nullptr) {
      for (std::int64_t c = 0; c < columns; ++c) assign(out[c], sum[c]);
    } else {
      for (std::int64_t c = 0; c < columns; ++c) assign(out[c], sum[c] + to_float(bias[c]));
    }
  }
}

void add_tile(MatrixRows<float> sums, std::int64_t rows, std::int64_t columns, float* to,
              std::int64_t to_stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* const sum = sums.data + r * sums.stride;
    float* const out = to + r * to_stride;
    for (std::int64_t c = 0; c < columns; ++c) out[c] += sum[c];
  }
}

template void store_tile(MatrixRows<float>, std::int64_t, std::int64_t, const float*, float*, std::int64_t);
template void store_tile(MatrixRows<float>, std::int64_t, std::int64_t, const BFloat16*, BFloat16*,
                         std::int64_t);
template void pack_rows(MatrixRows<float>, const PanelShape&, float*);
template void pack_rows(MatrixRows<BFloat16>, const PanelShape&, BFloat16*);
template void pack_transposed(MatrixRows<float>, const PanelShape&, float*);
template void pack_transposed(MatrixRows<BFloat16>, const PanelShape&, BFloat16*);
template void transpose_matrix(MatrixRows<float>, std::int64_t, std::int64_t, float*, std::int64_t,
                               std::int64_t);
template void transpose_matrix(MatrixRows<BFloat16>, std::int64_t, std::int64_t, BFloat16*, std::int64_t,
                               std::int64_t);

}  // namespace tempo::kernels
