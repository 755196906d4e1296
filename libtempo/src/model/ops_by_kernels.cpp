#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

#include "elements.h"
#include "ops_paths.h"
#include "tempo/kernels/elementwise.h"

namespace tempo::model {
namespace {

// Enough numbers to be worth waking a thread.
constexpr std::int64_t kGrain = 16384;
// Rows whose part of a weight's gradient is summed by one thread: fixed, so that the order of the sum is.
constexpr std::int64_t kGradientRows = 64;

template <typename Element>
Element* at_row(Element* data, std::int64_t offset) {
  return data ? data + offset : nullptr;
}

at::Tensor dense(const at::Tensor& tensor) { return tensor.defined() ? tensor.contiguous() : tensor; }

// Calls work(begin, end) on parts of 0 .. rows - 1, rows of `width` numbers, on all threads.
template <typename Work>
void deal_rows(std::int64_t rows, std::int64_t width, const Work& work) {
  at::parallel_for(0, rows, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width)), work);
}

}  // namespace

NormResult norm_by_kernels(const at::Tensor& x_in, const at::Tensor& delta_in, const at::Tensor& weight_in,
                           double eps) {
  const at::Tensor x = dense(x_in), delta = dense(delta_in), weight = dense(weight_in);
  const NormResult result{.sum = delta.defined() ? at::empty_like(x) : at::Tensor(),
                          .normed = at::empty_like(x),
                          .inverse_rms = at::empty(x.sizes().slice(0, static_cast<std::size_t>(x.dim() - 1)),
                                                   x.options().dtype(at::kFloat))};
  const std::int64_t width = x.size(-1);
  with_element(x, [&]<typename Element>() {
    deal_rows(result.inverse_rms.numel(), width, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t offset = begin * width;
      const kernels::RmsNormRows<Element> arrays{.x = read_of<Element>(x) + offset,
                                                 .delta = at_row(read_of<Element>(delta), offset),
                                                 .weight = read_of<Element>(weight),
                                                 .epsilon = static_cast<float>(eps),
                                                 .sum = at_row(data_of<Element>(result.sum), offset),
                                                 .normed = data_of<Element>(result.normed) + offset,
                                                 .inverse_rms = data_of<float>(result.inverse_rms) + begin};
      kernels::rms_norm(arrays, end - begin, width);
    });
  });
  return result;
}

NormGradients norm_backward_by_kernels(const NormInputs& inputs, const at::Tensor& grad_sum_in,
                                       const at::Tensor& grad_normed_in) {
  const at::Tensor grad_sum = dense(grad_sum_in), grad_normed = dense(grad_normed_in);
  const at::Tensor sum = dense(inputs.sum), weight = dense(inputs.weight);
  const std::int64_t width = sum.size(-1), rows = inputs.inverse_rms.numel();
  const std::int64_t parts = (rows + kGradientRows - 1) / kGradientRows;
  const at::Tensor grad_x = at::empty_like(sum);
  const at::Tensor grad_weight_PD = at::zeros({parts, width}, sum.options().dtype(at::kFloat));
  with_element(sum, [&]<typename Element>() {
    deal_rows(parts, width * kGradientRows, [&](std::int64_t begin_part, std::int64_t end_part) {
      for (std::int64_t part = begin_part; part < end_part; ++part) {
        const std::int64_t begin = part * kGradientRows, offset = begin * width;
        const kernels::RmsNormGradients<Element> arrays{
            .sum = read_of<Element>(sum) + offset,
            .weight = read_of<Element>(weight),
            .inverse_rms = read_of<float>(inputs.inverse_rms) + begin,
            .grad_normed = read_of<Element>(grad_normed) + offset,
            .grad_sum = at_row(read_of<Element>(grad_sum), offset),
            .grad_x = data_of<Element>(grad_x) + offset,
            .grad_weight = data_of<float>(grad_weight_PD) + part * width};
        kernels::rms_norm_backward(arrays, std::min(kGradientRows, rows - begin), width);
      }
    });
  });
  return {grad_x, grad_weight_PD.sum(0).to(sum.scalar_type())};
}

at::Tensor normed_by_kernels(const NormInputs& inputs) {
  const at::Tensor sum = dense(inputs.sum), weight = dense(inputs.weight), normed = at::empty_like(sum);
  const std::int64_t width = sum.size(-1);
  with_element(sum, [&]<typename Element>() {
    deal_rows(inputs.inverse_rms.numel(), width, [&](std::int64_t begin, std::int64_t end) {
      kernels::rms_norm_again(read_of<Element>(sum) + begin * width, read_of<Element>(weight),
                              read_of<float>(inputs.inverse_rms) + begin, end - begin, width,
                              data_of<Element>(normed) + begin * width);
    });
  });
  return normed;
}

at::Tensor silu_mul_by_kernels(const at::Tensor& gate_in, const at::Tensor& up_in) {
  const at::Tensor gate = dense(gate_in), up = dense(up_in), out = at::empty_like(gate);
  with_element(gate, [&]<typename Element>() {
    deal_rows(gate.numel(), 1, [&](std::int64_t begin, std::int64_t end) {
      kernels::silu_mul(read_of<Element>(gate) + begin, read_of<Element>(up) + begin, end - begin,
                        data_of<Element>(out) + begin);
    });
  });
  return out;
}

SiluMulGradients silu_mul_backward_by_kernels(const at::Tensor& gate_in, const at::Tensor& up_in,
                                              const at::Tensor& grad_in) {
  const at::Tensor gate = dense(gate_in), up = dense(up_in), grad = dense(grad_in);
  const SiluMulGradients out{.gate = at::empty_like(gate), .up = at::empty_like(up)};
  with_element(gate, [&]<typename Element>() {
    deal_rows(gate.numel(), 1, [&](std::int64_t begin, std::int64_t end) {
      const kernels::SiluMulGradients<Element> arrays{.gate = read_of<Element>(gate) + begin,
                                                      .up = read_of<Element>(up) + begin,
                                                      .grad_out = read_of<Element>(grad) + begin,
                                                      .grad_gate = data_of<Element>(out.gate) + begin,
                                                      .grad_up = data_of<Element>(out.up) + begin};
      kernels::silu_mul_backward(arrays, end - begin);
    });
  });
  return out;
}

at::Tensor rotate_by_kernels(const at::Tensor& x_in, const RotaryTables& tables, bool forwards) {
  const at::Tensor x_THE = dense(x_in), cos_TF = dense(tables.cos_TF), sin_TF = dense(tables.sin_TF);
  const at::Tensor out_THE = at::empty_like(x_THE);
  const std::int64_t heads = x_THE.size(1), half = x_THE.size(2) / 2, row = heads * 2 * half;
  with_element(x_THE, [&]<typename Element>() {
    deal_rows(x_THE.size(0), row, [&](std::int64_t begin, std::int64_t end) {
      const kernels::RotaryRows<Element> arrays{.x = read_of<Element>(x_THE) + begin * row,
                                                .cosine = read_of<float>(cos_TF) + begin * half,
                                                .sine = read_of<float>(sin_TF) + begin * half,
                                                .direction = forwards ? 1.0F : -1.0F,
                                                .out = data_of<Element>(out_THE) + begin * row};
      kernels::rotate(arrays, end - begin, heads, half);
    });
  });
  return out_THE;
}

void store_by_kernels(const KeysValues& rows_TKE, const RotaryTables& tables, const at::Tensor& slot_T,
                      const KeysValues& cache_SKE) {
  const at::Tensor key = dense(rows_TKE.key), value = dense(rows_TKE.value);
  const at::Tensor cos_TF = dense(tables.cos_TF), sin_TF = dense(tables.sin_TF);
  const auto* const slot = slot_T.const_data_ptr<std::int64_t>();
  const std::int64_t heads = key.size(1), half = key.size(2) / 2, row = heads * 2 * half;
  with_element(key, [&]<typename Element>() {
    deal_rows(key.size(0), 2 * row, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        kernels::rotate<Element>({.x = read_of<Element>(key) + t * row,
                                  .cosine = read_of<float>(cos_TF) + t * half,
                                  .sine = read_of<float>(sin_TF) + t * half,
                                  .direction = 1.0F,
                                  .out = data_of<Element>(cache_SKE.key) + slot[t] * row},
                                 1, heads, half);
        std::copy_n(read_of<Element>(value) + t * row, row,
                    data_of<Element>(cache_SKE.value) + slot[t] * row);
      }
    });
  });
}

}  // namespace tempo::model
