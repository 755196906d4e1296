#include "output_layer.h"

#include <algorithm>
#include <cstddef>

#include "tempo/model/deal.h"

namespace tempo::objective {
namespace {

// Each row's targets as the kernels read them: first[c] .. first[c + 1] - 1 of `all`.
struct KernelTargets {
  KernelTargets(const ChunkTargets& targets, const at::Tensor& d_logp_n, std::int64_t rows)
      : first(static_cast<std::size_t>(rows) + 1) {
    const auto* index = targets.index_n.const_data_ptr<std::int64_t>();
    const auto* token = targets.target_n.const_data_ptr<std::int64_t>();
    const at::Tensor d_logp = d_logp_n.defined() ? d_logp_n.contiguous() : at::Tensor();
    const float* const d = d_logp.defined() ? d_logp.const_data_ptr<float>() : nullptr;
    for (std::int64_t k = 0; k < targets.index_n.size(0); ++k) {
      all.push_back({token[k], d ? d[k] : 0.0F});
      ++first[static_cast<std::size_t>(index[k]) + 1];
    }
    for (std::size_t c = 1; c < first.size(); ++c) first[c] += first[c - 1];
  }
  std::span<const kernels::RowTarget> of_row(std::int64_t row) const {
    const std::size_t c = static_cast<std::size_t>(row);
    return std::span(all).subspan(first[c], first[c + 1] - first[c]);
  }

  std::vector<kernels::RowTarget> all;
  std::vector<std::size_t> first;
};

}  // namespace

at::ScalarType wide_dtype(at::ScalarType dtype) { return dtype == at::kDouble ? at::kDouble : at::kFloat; }

OutputLayer::OutputLayer(const at::Tensor& weight_VD, std::int64_t most_rows, double temperature)
    : narrow_(weight_VD.scalar_type()),
      temperature_(temperature),
      by_kernels_(weight_VD.is_cpu() && (narrow_ == at::kFloat || narrow_ == at::kBFloat16)),
      packed_(model::PackedMatrix::of_weight(weight_VD)),
      buffer_CV_(at::empty({most_rows, weight_VD.size(0)}, weight_VD.options().dtype(wide_dtype(narrow_)))) {}

void OutputLayer::compute(const at::Tensor& hidden_CD) {
  logits_CV_ = buffer_CV_.narrow(0, 0, hidden_CD.size(0));
  model::multiply_out(hidden_CD, packed_, logits_CV_);
  by_kernels_ ? softmax_by_kernels() : softmax_by_operators();
}

void OutputLayer::softmax_by_kernels() {
  const std::int64_t vocab = logits_CV_.size(1);
  const float* const logits = logits_CV_.const_data_ptr<float>();
  softmax_.resize(static_cast<std::size_t>(logits_CV_.size(0)));
  model::deal(logits_CV_.size(0), [&] {
    return [&](std::int64_t row) {
      softmax_[static_cast<std::size_t>(row)] =
          kernels::row_softmax(logits + row * vocab, vocab, static_cast<float>(1 / temperature_));
    };
  });
}

void OutputLayer::softmax_by_operators() {
  if (temperature_ != 1.0) logits_CV_.div_(temperature_);
  const at::Tensor max_C1 = logits_CV_.amax(1, true);
  const at::Tensor shifted_CV = logits_CV_ - max_C1, exp_CV = shifted_CV.exp();
  const at::Tensor sum_C = exp_CV.sum(1), log_sum_C = sum_C.log();
  log_normaliser_C_ = max_C1.squeeze(1) + log_sum_C;
  entropy_C_ = log_sum_C - (exp_CV * shifted_CV).sum(1) / sum_C;
}

at::Tensor OutputLayer::logp(const ChunkTargets& targets) const {
  const at::Tensor logit_n = logits_CV_.index({targets.index_n, targets.target_n});
  if (!by_kernels_) return logit_n - log_normaliser_C_.index_select(0, targets.index_n);
  auto* const value = logit_n.mutable_data_ptr<float>();
  const auto* const index = targets.index_n.const_data_ptr<std::int64_t>();
  for (std::int64_t k = 0; k < logit_n.size(0); ++k) {
    value[k] = kernels::row_logp(value[k], softmax_[static_cast<std::size_t>(index[k])],
                                 static_cast<float>(1 / temperature_));
  }
  return logit_n;
}

at::Tensor OutputLayer::entropy() const {
  if (!by_kernels_) return entropy_C_;
  const at::Tensor entropy_C = at::empty({logits_CV_.size(0)}, at::kFloat);
  auto* const value = entropy_C.mutable_data_ptr<float>();
  for (std::size_t c = 0; c < softmax_.size(); ++c) value[c] = static_cast<float>(softmax_[c].entropy);
  return entropy_C;
}

at::Tensor OutputLayer::gradient(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                 const at::Tensor& d_entropy_C) {
  return by_kernels_ ? gradient_by_kernels(targets, d_logp_n, d_entropy_C)
                     : gradient_by_operators(targets, d_logp_n, d_entropy_C);
}

at::Tensor OutputLayer::gradient_by_kernels(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                            const at::Tensor& d_entropy_C) {
  const std::int64_t rows = logits_CV_.size(0), vocab = logits_CV_.size(1);
  const KernelTargets row_targets(targets, d_logp_n, rows);
  float* const logits = logits_CV_.mutable_data_ptr<float>();
  const at::Tensor d_entropy = d_entropy_C.defined() ? d_entropy_C.contiguous() : at::Tensor();
  // The gradient takes the place of the logits, row by row.
  const at::Tensor d_logits_CV =
      narrow_ == at::kFloat ? logits_CV_ : logits_CV_.view(at::kBFloat16).narrow(1, 0, vocab);
  model::deal(rows, [&] {
    return [&](std::int64_t row) {
      float* const from = logits + row * vocab;
      const auto backward = [&](auto* to) {
        kernels::row_softmax_backward(
            from, vocab, static_cast<float>(1 / temperature_), softmax_[static_cast<std::size_t>(row)],
            row_targets.of_row(row), d_entropy.defined() ? d_entropy.const_data_ptr<float>()[row] : 0.0F, to);
      };
      narrow_ == at::kFloat ? backward(from) : backward(reinterpret_cast<kernels::BFloat16*>(from));
    };
  });
  return d_logits_CV;
}

at::Tensor OutputLayer::gradient_by_operators(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                              const at::Tensor& d_entropy_C) {
  // onehot d_logp - p (d_logp + d_entropy (log p + H)), d_logp summed over a row's targets.
  at::Tensor logp_CV = logits_CV_.sub_(log_normaliser_C_.unsqueeze(1)), d_logits_CV = logp_CV.exp();
  at::Tensor factor_C1 = at::zeros({logits_CV_.size(0)}, logits_CV_.options());
  if (d_logp_n.defined()) factor_C1.index_put_({targets.index_n}, d_logp_n, /*accumulate=*/true);
  factor_C1 = factor_C1.unsqueeze(1);
  if (d_entropy_C.defined()) {
    logp_CV.add_(entropy_C_.unsqueeze(1)).mul_(d_entropy_C.unsqueeze(1)).add_(factor_C1);
    d_logits_CV.mul_(logp_CV).neg_();
  } else {
    d_logits_CV.mul_(factor_C1.neg());
  }
  if (d_logp_n.defined()) d_logits_CV.index_put_({targets.index_n, targets.target_n}, d_logp_n, true);
  if (temperature_ != 1.0) d_logits_CV.div_(temperature_);
  return d_logits_CV.to(narrow_);
}

OutputGradients::OutputGradients(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, bool of_hidden,
                                 bool of_weight)
    : narrow_(weight_VD.scalar_type()) {
  if (of_hidden) {
    packed_ = model::PackedMatrix::of_matrix(weight_VD);
    d_hidden_TD_ = at::zeros_like(hidden_TD);
  }
  if (of_weight) d_weight_VD_ = at::zeros(weight_VD.sizes(), weight_VD.options().dtype(wide_dtype(narrow_)));
}

void OutputGradients::add(const at::Tensor& d_logits_CV, const at::Tensor& hidden_CD,
                          const at::Tensor& row_C) {
  if (d_hidden_TD_.defined()) {
    d_hidden_TD_.index_copy_(0, row_C,
                             model::multiply_sum(std::span(&d_logits_CV, 1), std::span(&packed_, 1)));
  }
  if (d_weight_VD_.defined()) model::add_transposed_product(d_logits_CV, hidden_CD, d_weight_VD_);
}

at::Tensor OutputGradients::weight() const {
  return d_weight_VD_.defined() ? d_weight_VD_.to(narrow_) : d_weight_VD_;
}

}  // namespace tempo::objective
