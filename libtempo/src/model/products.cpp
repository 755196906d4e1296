#include "tempo/model/products.h"

#include "block_products.h"
#include "tempo/core/error.h"

namespace tempo::model {
namespace {

// The plain products of operands that are not packed.
at::Tensor plain_product(const at::Tensor& a_MK, const PackedMatrix& b, const at::Tensor& bias_N) {
  return bias_N.defined() ? at::addmm(bias_N, a_MK, b.data()) : at::mm(a_MK, b.data());
}

// cuBLAS writes the float32 sums of bfloat16 operands as they are; ATen's other products round them first.
bool has_wide_products(const at::Tensor& a, const at::Tensor& out_MN) {
  return a.is_cuda() && a.scalar_type() == at::kBFloat16 && out_MN.scalar_type() == at::kFloat;
}

template <typename Element>
Term<Element> term_of(const at::Tensor& a_MK, const PackedMatrix& b) {
  return {rows_of<Element>(a_MK), {read_of<Element>(b.data()), b.depth(), b.panel_width()}};
}

void check_operands(const at::Tensor& a_MK, const PackedMatrix& b) {
  TEMPO_CHECK(a_MK.scalar_type() == b.data().scalar_type(), "multiply: expected rows of ",
              at::toString(b.data().scalar_type()), ", got ", at::toString(a_MK.scalar_type()));
  TEMPO_CHECK(a_MK.dim() == 2 && a_MK.size(1) == b.depth(), "multiply: expected rows of ", b.depth(),
              " numbers, got ", a_MK.sizes());
}

}  // namespace

std::vector<at::Tensor> multiply_each(const at::Tensor& a_in, std::span<const PackedMatrix> b,
                                      std::span<const at::Tensor> bias_N) {
  const at::Tensor a_MK = dense_rows(a_in);
  const auto bias = [&](std::size_t i) {
    return bias_N.empty() || !bias_N[i].defined() ? at::Tensor() : bias_N[i].contiguous();
  };
  std::vector<at::Tensor> out;
  for (std::size_t i = 0; i < b.size(); ++i) {
    check_operands(a_MK, b[i]);
    const bool is_packed = b[i].panel_width() > 0;
    out.push_back(is_packed ? at::empty({a_MK.size(0), b[i].columns()}, a_MK.options())
                            : plain_product(a_MK, b[i], bias(i)));
  }
  with_element(a_MK, [&]<typename Element>() {
    std::vector<Job<Element>> jobs;
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (b[i].panel_width() > 0) jobs.push_back({{term_of<Element>(a_MK, b[i])}, {out[i], bias(i)}});
    }
    run(jobs);
  });
  return out;
}

at::Tensor multiply_sum(std::span<const at::Tensor> a_MK, std::span<const PackedMatrix> b) {
  std::vector<at::Tensor> packed_a, plain_a;
  std::vector<const PackedMatrix*> packed_b, plain_b;
  for (std::size_t i = 0; i < b.size(); ++i) {
    check_operands(a_MK[i], b[i]);
    const bool is_packed = b[i].panel_width() > 0;
    (is_packed ? packed_a : plain_a).push_back(dense_rows(a_MK[i]));
    (is_packed ? packed_b : plain_b).push_back(&b[i]);
  }
  at::Tensor sum;
  if (!packed_a.empty()) {
    sum = at::empty({packed_a[0].size(0), packed_b[0]->columns()}, packed_a[0].options());
    with_element(sum, [&]<typename Element>() {
      Job<Element> job{{}, {sum, {}}};
      for (std::size_t i = 0; i < packed_a.size(); ++i)
        job.terms.push_back(term_of<Element>(packed_a[i], *packed_b[i]));
      run<Element>({job});
    });
  }
  for (std::size_t i = 0; i < plain_a.size(); ++i)
    sum = sum.defined() ? at::addmm(sum, plain_a[i], plain_b[i]->data())
                        : plain_product(plain_a[i], *plain_b[i], {});
  return sum;
}

void multiply_out(const at::Tensor& a_in, const PackedMatrix& b, const at::Tensor& out_MN) {
  check_operands(a_in, b);
  const at::Tensor a_MK = dense_rows(a_in);
  if (b.panel_width() == 0 && has_wide_products(a_MK, out_MN)) {
    at::Tensor out = out_MN;
    at::mm_outf(a_MK, b.data(), at::kFloat, out);
    return;
  }
  if (b.panel_width() == 0) {
    out_MN.copy_(plain_product(a_MK, b, {}));
    return;
  }
  with_element(a_MK, [&]<typename Element>() {
    run<Element>({{{term_of<Element>(a_MK, b)}, {out_MN, {}}}});
  });
}

std::vector<at::Tensor> transposed_products(std::span<const at::Tensor> a_in, const at::Tensor& b_in) {
  std::vector<at::Tensor> a_KM, out;
  if (!has_blocks(b_in, 2) || b_in.size(0) == 0) {
    for (const at::Tensor& a : a_in) out.push_back(at::mm(a.t(), b_in));
    return out;
  }
  const at::Tensor b_KN = dense_rows(b_in);
  for (const at::Tensor& a : a_in) {
    a_KM.push_back(dense_rows(a));
    out.push_back(at::empty({a.size(1), b_KN.size(1)}, b_KN.options()));
  }
  with_element(b_KN, [&]<typename Element>() {
    transposed_tiles<Element>(a_KM, b_KN,
                              [&](std::size_t i, kernels::MatrixRows<float> sums, const Tile& tile) {
                                Target{out[i], {}}.store<Element>(sums, tile);
                              });
  });
  return out;
}

void add_transposed_product(const at::Tensor& a_in, const at::Tensor& b_in, const at::Tensor& out_MN) {
  if (a_in.size(0) == 0) return;
  if (has_wide_products(a_in, out_MN)) {
    at::Tensor out = out_MN;
    at::addmm_outf(out_MN, a_in.t(), b_in, at::kFloat, 1, 1, out);
    return;
  }
  if (!has_blocks(b_in, 2) || out_MN.scalar_type() != at::kFloat) {
    out_MN.add_(at::mm(a_in.t(), b_in));
    return;
  }
  const std::vector<at::Tensor> a_KM{dense_rows(a_in)};
  const at::Tensor b_KN = dense_rows(b_in);
  with_element(b_KN, [&]<typename Element>() {
    transposed_tiles<Element>(
        a_KM, b_KN, [&](std::size_t, kernels::MatrixRows<float> sums, const Tile& tile) {
          kernels::add_tile(sums, tile.rows, tile.columns,
                            data_of<float>(out_MN) + tile.row * out_MN.size(1) + tile.column, out_MN.size(1));
        });
  });
}

}  // namespace tempo::model
