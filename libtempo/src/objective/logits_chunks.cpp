#include "logits_chunks.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tempo/core/error.h"

namespace tempo::objective {

RowTargets distinct_rows(const at::Tensor& row_N, const at::Tensor& target_N, std::int64_t rows,
                         std::int64_t vocabulary) {
  const at::Tensor host_row_N = row_N.cpu().contiguous(), host_target_N = target_N.cpu().contiguous();
  const auto* row = host_row_N.const_data_ptr<std::int64_t>();
  const auto* target = host_target_N.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> distinct, index, first;
  for (std::int64_t n = 0; n < row_N.size(0); ++n) {
    TEMPO_CHECK(row[n] >= 0 && row[n] < rows, "token_logprobs: expected rows of [0, ", rows, "), got ",
                row[n]);
    TEMPO_CHECK(distinct.empty() || row[n] >= distinct.back(),
                "token_logprobs: expected rows that never fall, got ", row[n], " after ", distinct.back());
    TEMPO_CHECK(target[n] >= 0 && target[n] < vocabulary, "token_logprobs: expected targets of [0, ",
                vocabulary, "), got ", target[n]);
    if (distinct.empty() || row[n] != distinct.back()) {
      distinct.push_back(row[n]);
      first.push_back(n);
    }
    index.push_back(static_cast<std::int64_t>(distinct.size()) - 1);
  }
  first.push_back(row_N.size(0));
  const auto on_device = [&](const std::vector<std::int64_t>& x) {
    return at::tensor(x, at::kLong).to(row_N.device());
  };
  return {on_device(distinct), on_device(index), std::move(first)};
}

std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& first, std::int64_t chunk_rows) {
  const auto rows = static_cast<std::int64_t>(first.size()) - 1;
  std::vector<Chunk> chunks;
  for (std::int64_t begin = 0; begin < rows; begin += chunk_rows) {
    const std::int64_t end = std::min(rows, begin + chunk_rows);
    chunks.push_back(
        {begin, end, first[static_cast<std::size_t>(begin)], first[static_cast<std::size_t>(end)]});
  }
  return chunks;
}

at::ScalarType wide_dtype(at::ScalarType dtype) { return dtype == at::kDouble ? at::kDouble : at::kFloat; }

LogitsBuffer::LogitsBuffer(const at::Tensor& weight_VD, std::int64_t rows, double temperature)
    : weight_VD_(weight_VD), temperature_(temperature) {
  const at::ScalarType narrow = weight_VD.scalar_type(), wide = wide_dtype(narrow);
  const std::int64_t vocabulary = weight_VD.size(0);
  wide_CV_ = at::empty({rows, vocabulary}, weight_VD.options().dtype(wide));
  scratch_CV_ = at::empty_like(wide_CV_);
  narrow_CV_ = narrow == wide ? wide_CV_ : at::empty({rows, vocabulary}, weight_VD.options());
}

at::Tensor LogitsBuffer::compute(const at::Tensor& hidden_CD) {
  at::Tensor product_CV = narrow_CV_.narrow(0, 0, hidden_CD.size(0));
  at::mm_out(product_CV, hidden_CD, weight_VD_.t());
  at::Tensor logits_CV = wide_CV_.narrow(0, 0, hidden_CD.size(0));
  if (!narrow_CV_.is_same(wide_CV_)) logits_CV.copy_(product_CV);
  if (temperature_ != 1.0) logits_CV.div_(temperature_);
  return logits_CV;
}

at::Tensor LogitsBuffer::exp(const at::Tensor& x_CV) {
  at::Tensor result_CV = scratch_CV_.narrow(0, 0, x_CV.size(0));
  return at::exp_out(result_CV, x_CV);
}

at::Tensor LogitsBuffer::narrowed(const at::Tensor& x_CV) {
  return narrow_CV_.is_same(wide_CV_) ? x_CV : narrow_CV_.narrow(0, 0, x_CV.size(0)).copy_(x_CV);
}

WeightGradient::WeightGradient(const at::Tensor& weight_VD) {
  const at::ScalarType narrow = weight_VD.scalar_type(), wide = wide_dtype(narrow);
  sum_VD_ = at::zeros(weight_VD.sizes(), weight_VD.options().dtype(wide));
  if (narrow != wide) product_VD_ = at::empty(weight_VD.sizes(), weight_VD.options());
}

void WeightGradient::add(const at::Tensor& d_logits_CV, const at::Tensor& hidden_CD) {
  if (product_VD_.defined()) {
    sum_VD_.add_(at::mm_out(product_VD_, d_logits_CV.t(), hidden_CD));
  } else {
    sum_VD_.addmm_(d_logits_CV.t(), hidden_CD);
  }
}

at::Tensor WeightGradient::result() const {
  return product_VD_.defined() ? sum_VD_.to(product_VD_.scalar_type()) : sum_VD_;
}

}  // namespace tempo::objective
