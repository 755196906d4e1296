// The blocks behind tempo/model/products.h: packed panels, tiles of sums, and the work dealt to threads.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "block_kernel.h"
#include "elements.h"
#include "pack_memory.h"
#include "tempo/kernels/pack.h"
#include "tempo/model/deal.h"

namespace tempo::model {

inline constexpr std::int64_t kTileRows = 64;   // of one call of the block kernel
inline constexpr std::int64_t kTaskRows = 512;  // of one item of work: enough to use a panel often
inline constexpr std::int64_t kWidePanel = 64, kNarrowPanel = 32;
inline constexpr std::int64_t kManyColumns = 1024;  // from here on wide panels are enough to go round
inline constexpr std::int64_t kLinePanel =
    16;  // a cache line of float32: our own kernel reads line after line
// Depth is summed block by block, cut at multiples of this whatever the rows: part of the result's bits.
inline constexpr std::int64_t kDepthBlock = 2048;
// The same where the depth is tokens. Rows of the transposed operand are padded so that they do not all fall
// into the same sets of the cache.
inline constexpr std::int64_t kTokenBlock = 1024, kTokenPadding = 32, kTokenStep = 64;

// bfloat16 is read in pairs along the depth.
inline bool has_blocks(const at::Tensor& operand, std::int64_t depth) {
  return operand.is_cpu() && processor_has_blocks(operand.scalar_type()) && depth > 0 &&
         (operand.scalar_type() == at::kFloat || depth % 2 == 0);
}

template <typename Element>
kernels::MatrixRows<Element> rows_of(const at::Tensor& tensor) {
  return {read_of<Element>(tensor), tensor.stride(0)};
}

inline std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }
inline std::int64_t round_up(std::int64_t a, std::int64_t b) { return divide_up(a, b) * b; }

// The width of the panels of so many columns.
inline std::int64_t panel_width(at::ScalarType dtype, std::int64_t columns) {
  if (dtype == at::kFloat && !processor_has_block_kernel(dtype)) return kLinePanel;
  return columns >= kManyColumns ? kWidePanel : kNarrowPanel;
}

// A panel of a packed operand: [depth / step, width, step].
template <typename Element>
struct Panels {
  const Element* data;
  std::int64_t depth, width;
  const Element* at(std::int64_t panel, std::int64_t depth_begin) const {
    return data + panel * depth * width + depth_begin * width;
  }
};

struct Tile {
  std::int64_t row, rows, column, columns;
};

// Where a product goes: [M, N] of its operands' dtype, or float32.
struct Target {
  at::Tensor out_MN;
  at::Tensor bias_N;  // undefined: none

  template <typename Element>
  void store(kernels::MatrixRows<float> sums, const Tile& tile) const {
    const std::int64_t stride = out_MN.size(1), offset = tile.row * stride + tile.column;
    if (out_MN.scalar_type() == at::kFloat) {
      const float* const bias = read_of<float>(bias_N);
      kernels::store_tile(sums, tile.rows, tile.columns, bias ? bias + tile.column : nullptr,
                          data_of<float>(out_MN) + offset, stride);
    } else {
      const Element* const bias = read_of<Element>(bias_N);
      kernels::store_tile(sums, tile.rows, tile.columns, bias ? bias + tile.column : nullptr,
                          data_of<Element>(out_MN) + offset, stride);
    }
  }
};

// A term of a sum of products: rows of a, panels of b.
template <typename Element>
struct Term {
  kernels::MatrixRows<Element> a;
  Panels<Element> b;
};

// One product, or a sum of several of one shape.
template <typename Element>
struct Job {
  std::vector<Term<Element>> terms;
  Target target;

  std::int64_t width() const { return terms.front().b.width; }
  std::int64_t row_chunks() const { return divide_up(target.out_MN.size(0), kTaskRows); }
  std::int64_t items() const { return divide_up(target.out_MN.size(1), width()) * row_chunks(); }

  // Computes one panel of columns for one chunk of rows. Where rows are few, this thread's next panel stands
  // as many panels on as threads take panels; behind a matrix stands the one that is used next.
  void run(std::int64_t item, std::int64_t threads) const {
    alignas(64) float sums[kTileRows * kWidePanel];
    const std::int64_t rows = target.out_MN.size(0), columns = target.out_MN.size(1);
    const std::int64_t panel = item / row_chunks(), first = item % row_chunks() * kTaskRows;
    for (std::int64_t row = first; row < std::min(rows, first + kTaskRows); row += kTileRows) {
      const Tile tile{row, std::min(kTileRows, rows - row), panel * width(),
                      std::min(width(), columns - panel * width())};
      bool add = false;
      for (const Term<Element>& term : terms) {
        for (std::int64_t d = 0; d < term.b.depth; d += kDepthBlock, add = true) {
          block_product<Element>(tile.rows, std::min(kDepthBlock, term.b.depth - d),
                                 {term.a.data + row * term.a.stride + d, term.a.stride}, term.b.at(panel, d),
                                 width(), add, sums, width(), threads * term.b.depth * width());
        }
      }
      target.store<Element>({sums, width()}, tile);
    }
  }
};

template <typename Element>
void run(const std::vector<Job<Element>>& jobs) {
  std::vector<std::int64_t> first_item{0};
  for (const Job<Element>& job : jobs) first_item.push_back(first_item.back() + job.items());
  const std::int64_t threads = at::get_num_threads();
  deal(first_item.back(), [&] {
    return [&, unit = std::make_unique<MatrixUnit<Element>>()](std::int64_t item) {
      std::size_t job = 0;
      while (item >= first_item[job + 1]) ++job;
      jobs[job].run(item - first_item[job], threads);
    };
  });
}

// Packs b panel by panel, `pack(panel's first column, shape, to)`, into the memory or, null, into its own.
template <typename Element, typename Pack>
at::Tensor packed(std::int64_t depth, std::int64_t columns, std::int64_t width,
                  const at::TensorOptions& options, const Pack& pack, PackMemory* memory = nullptr) {
  const std::int64_t panels = divide_up(columns, width);
  const std::int64_t padded_depth = round_up(depth, kernels::kDepthStep<Element>);
  const at::Tensor data = memory ? memory->take({panels, padded_depth * width}, options)
                                 : at::empty({panels, padded_depth * width}, options);
  auto* const to = data_of<Element>(data);
  deal(panels, [&] {
    return [&](std::int64_t panel) {
      const std::int64_t column = panel * width;
      pack(column, kernels::PanelShape{depth, std::min(width, columns - column), width},
           to + panel * padded_depth * width);
    };
  });
  return data;
}

inline at::Tensor dense_rows(const at::Tensor& tensor) {
  return tensor.stride(1) == 1 || tensor.size(1) <= 1 ? tensor : tensor.contiguous();
}

// Rows of a^T that one thread transposes and multiplies: few enough for all threads where there are few rows.
inline std::int64_t strip_rows(std::int64_t rows) { return rows >= 1024 ? kTileRows : kTileRows / 2; }

// A strip of a^T: `rows` columns of a [K, M] from `row` on.
struct Strip {
  std::size_t operand;
  std::int64_t row, rows;
};

inline std::vector<Strip> strips_of(std::span<const at::Tensor> a_KM) {
  std::vector<Strip> strips;
  for (std::size_t i = 0; i < a_KM.size(); ++i) {
    const std::int64_t rows = a_KM[i].size(1), step = strip_rows(rows);
    for (std::int64_t row = 0; row < rows; row += step)
      strips.push_back({i, row, std::min(step, rows - row)});
  }
  return strips;
}

// Copies b [tokens, columns] into panels of `width` columns and `depth` tokens, zeros past the last one.
template <typename Element>
at::Tensor pack_tokens(const at::Tensor& b_KN, std::int64_t depth, std::int64_t width) {
  const std::int64_t tokens = b_KN.size(0);
  const auto b = rows_of<Element>(b_KN);
  return packed<Element>(
      depth, b_KN.size(1), width, b_KN.options(),
      [&](std::int64_t column, const kernels::PanelShape& shape, Element* to) {
        kernels::pack_rows<Element>({b.data + column, b.stride}, {tokens, shape.columns, width}, to);
        const std::int64_t written = round_up(tokens, kernels::kDepthStep<Element>) * width;
        std::fill(to + written, to + depth * width, Element{});
      });
}

// Calls use(i, sums, tile), rows of sums, for the tiles of every a_i^T b. A strip is transposed in blocks of
// kTokenBlock tokens, each [strip rows, stride].
template <typename Element, typename Use>
void transposed_tiles(std::span<const at::Tensor> a_KM, const at::Tensor& b_KN, const Use& use) {
  const std::int64_t tokens = b_KN.size(0), columns = b_KN.size(1);
  const std::int64_t depth = round_up(tokens, kTokenStep);
  const std::int64_t stride = round_up(std::min(depth, kTokenBlock), kTokenBlock / 4) + kTokenPadding;
  const std::int64_t width = panel_width(b_KN.scalar_type(), kManyColumns);
  const at::Tensor right = pack_tokens<Element>(b_KN, depth, width);
  const Panels<Element> panels{read_of<Element>(right), depth, width};
  const std::vector<Strip> strips = strips_of(a_KM);
  const auto work = [&](std::int64_t item, std::vector<Element>& left) {
    const Strip& strip = strips[static_cast<std::size_t>(item)];
    const auto a = rows_of<Element>(a_KM[strip.operand]);
    const auto block = [&](std::int64_t d) { return left.data() + d / kTokenBlock * strip.rows * stride; };
    left.resize(static_cast<std::size_t>(divide_up(depth, kTokenBlock) * strip.rows * stride));
    for (std::int64_t d = 0; d < depth; d += kTokenBlock) {
      kernels::transpose_matrix<Element>({a.data + d * a.stride + strip.row, a.stride},
                                         std::min(kTokenBlock, tokens - d), strip.rows, block(d), stride,
                                         std::min(kTokenBlock, depth - d));
    }
    alignas(64) float sums[kTileRows * kWidePanel];
    for (std::int64_t column = 0; column < columns; column += width) {
      for (std::int64_t d = 0; d < depth; d += kTokenBlock) {
        block_product<Element>(strip.rows, std::min(kTokenBlock, depth - d), {block(d), stride},
                               panels.at(column / width, d), width, d > 0, sums, width);
      }
      use(strip.operand, kernels::MatrixRows<float>{sums, width},
          Tile{strip.row, strip.rows, column, std::min(width, columns - column)});
    }
  };
  deal(std::ssize(strips), [&] {
    return [&, unit = std::make_unique<MatrixUnit<Element>>(),
            left = std::vector<Element>()](std::int64_t item) mutable { work(item, left); };
  });
}

}  // namespace tempo::model
