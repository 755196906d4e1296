#include "block_products.h"
#include "tempo/model/products.h"

namespace tempo::model {
std::int64_t PackedMatrix::bytes_of_weight(const at::Tensor& weight_NK) {
  const std::int64_t columns = weight_NK.size(0), depth = weight_NK.size(1);
  if (!has_blocks(weight_NK, depth)) return 0;
  const auto itemsize = static_cast<std::int64_t>(weight_NK.element_size());
  return PackMemory::used_by(round_up(columns, model::panel_width(weight_NK.scalar_type(), columns)) *
                             round_up(depth, 4 / itemsize) * itemsize);
}

PackedMatrix PackedMatrix::of_weight(const at::Tensor& weight_NK, PackMemory* memory) {
  PackedMatrix out;
  out.columns_ = weight_NK.size(0);
  out.depth_ = weight_NK.size(1);
  if (!has_blocks(weight_NK, out.depth_)) {
    out.data_ = weight_NK.t();
    return out;
  }
  out.panel_width_ = model::panel_width(weight_NK.scalar_type(), out.columns_);
  // Pairs of bfloat16 are moved as words: a row must begin with one.
  const at::Tensor dense = dense_rows(weight_NK),
                   weight = dense.stride(0) % 2 == 0 ? dense : dense.contiguous();
  with_element(weight, [&]<typename Element>() {
    const auto rows = rows_of<Element>(weight);
    out.data_ = packed<Element>(
        out.depth_, out.columns_, out.panel_width_, weight.options(),
        [&](std::int64_t column, const kernels::PanelShape& shape, Element* to) {
          kernels::pack_transposed<Element>({rows.data + column * rows.stride, rows.stride}, shape, to);
        },
        memory);
  });
  return out;
}

PackedMatrix PackedMatrix::of_matrix(const at::Tensor& b_KN) {
  PackedMatrix out;
  out.depth_ = b_KN.size(0);
  out.columns_ = b_KN.size(1);
  if (!has_blocks(b_KN, out.depth_)) {
    out.data_ = b_KN;
    return out;
  }
  out.panel_width_ = model::panel_width(b_KN.scalar_type(), out.columns_);
  const at::Tensor b = dense_rows(b_KN);
  with_element(b, [&]<typename Element>() {
    const auto rows = rows_of<Element>(b);
    out.data_ = packed<Element>(out.depth_, out.columns_, out.panel_width_, b.options(),
                                [&](std::int64_t column, const kernels::PanelShape& shape, Element* to) {
                                  kernels::pack_rows<Element>({rows.data + column, rows.stride}, shape, to);
                                });
  });
  return out;
}

}  // namespace tempo::model
