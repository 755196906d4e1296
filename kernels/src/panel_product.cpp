#include <algorithm>

#include "panel_rows.h"

namespace tempo::kernels {
namespace {

// Rows that bfloat16 multiplies as it reads the panel.
constexpr std::int64_t kRowsToRead = 6;

// Many rows of bfloat16 where its pairs are not multiplied: parts of the operands are copied as float32
// first, which takes a pass over them in place of one for every six rows. The same products in the same
// order. Unused where pairs are.
constexpr std::int64_t kWideDepth = 128, kWideRows = 64, kWidestPanel = 64;

[[maybe_unused]] void multiply_widened(MatrixRows<BFloat16> a, std::int64_t rows, std::int64_t depth,
                                       const BFloat16* panel, std::int64_t width, bool add, float* c,
                                       std::int64_t c_stride) {
  alignas(64) float left[kWideRows * kWideDepth], right[kWideDepth * kWidestPanel];
  for (std::int64_t begin = 0; begin < depth; begin += kWideDepth, add = true) {
    const std::int64_t count = std::min(kWideDepth, depth - begin);
    const BFloat16* from = panel + begin * width;
    for (std::int64_t d = 0; d < count; d += 2, from += 2 * width) {
      for (std::int64_t column = 0; column < width; column += kLanes) {
        const Words words = load_words(from + 2 * column);
        store(right + d * width + column, part_of<BFloat16>(words, 0));
        store(right + (d + 1) * width + column, part_of<BFloat16>(words, 1));
      }
    }
    for (std::int64_t row = 0; row < rows; row += kWideRows) {
      const std::int64_t some = std::min(kWideRows, rows - row);
      for (std::int64_t r = 0; r < some; ++r) {
        const BFloat16* const numbers = a.data + (row + r) * a.stride + begin;
        for (std::int64_t d = 0; d < count; ++d) left[r * kWideDepth + d] = to_float(numbers[d]);
      }
      multiply_panel_rows<float>({left, kWideDepth}, some, count, right, width, 0, add, c + row * c_stride,
                                 c_stride);
    }
  }
}

}  // namespace

bool has_panel_product() {
#if defined(__FMA__)
  return true;
#else
  return false;
#endif
}

bool has_pair_products() { return kMultipliesPairs<BFloat16>; }

template <typename Element>
void multiply_panel(MatrixRows<Element> a, std::int64_t rows, std::int64_t depth, const Element* panel,
                    std::int64_t width, bool add, float* c, std::int64_t c_stride, std::int64_t next) {
  if constexpr (kDepthStep<Element> == 2 && !kMultipliesPairs<Element>) {
    if (rows > kRowsToRead && width <= kWidestPanel)
      return multiply_widened(a, rows, depth, panel, width, add, c, c_stride);
  }
  multiply_panel_rows(a, rows, depth / kDepthStep<Element>, panel, width, next, add, c, c_stride);
}

template void multiply_panel(MatrixRows<float>, std::int64_t, std::int64_t, const float*, std::int64_t, bool,
                             float*, std::int64_t, std::int64_t);
template void multiply_panel(MatrixRows<BFloat16>, std::int64_t, std::int64_t, const BFloat16*, std::int64_t,
                             bool, float*, std::int64_t, std::int64_t);

}  // namespace tempo::kernels
