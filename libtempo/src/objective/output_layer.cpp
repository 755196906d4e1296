#include "output_layer.h"

#include <type_traits>

#include "tempo/model/deal.h"
#include "tempo/model/device_stream.h"

namespace tempo::objective {
namespace {

constexpr auto kSoftmaxBytes = static_cast<std::int64_t>(sizeof(kernels::RowSoftmax));

kernels::RowSoftmax* softmax_rows(const at::Tensor& memory) {
  return static_cast<kernels::RowSoftmax*>(memory.mutable_data_ptr());
}

// Returns the numbers of a gradient as kernels read them; null: there is none.
const float* floats(const at::Tensor& dense) {
  return dense.defined() ? dense.const_data_ptr<float>() : nullptr;
}
at::Tensor dense(const at::Tensor& x) { return x.defined() ? x.contiguous() : x; }

}  // namespace

at::ScalarType wide_dtype(at::ScalarType dtype) { return dtype == at::kDouble ? at::kDouble : at::kFloat; }

OutputLayer::OutputLayer(const at::Tensor& weight_VD, std::int64_t most_rows, double temperature)
    : narrow_(weight_VD.scalar_type()),
      temperature_(temperature),
      by_kernels_((weight_VD.is_cpu() || weight_VD.is_cuda()) &&
                  (narrow_ == at::kFloat || narrow_ == at::kBFloat16)),
      packed_(model::PackedMatrix::of_weight(weight_VD)),
      buffer_CV_(at::empty({most_rows, weight_VD.size(0)}, weight_VD.options().dtype(wide_dtype(narrow_)))),
      softmax_(
          at::empty({by_kernels_ ? most_rows * kSoftmaxBytes : 0}, weight_VD.options().dtype(at::kByte))) {}

TargetLogprobs OutputLayer::compute(const at::Tensor& hidden_CD, const ChunkTargets& targets) {
  logits_CV_ = buffer_CV_.narrow(0, 0, hidden_CD.size(0));
  model::multiply_out(hidden_CD, packed_, logits_CV_);
  return by_kernels_ ? softmax_by_kernels(targets) : softmax_by_operators(targets);
}

kernels::LogitRows<float> OutputLayer::kernel_rows(const ChunkTargets& targets) const {
  return {.rows = logits_CV_.size(0),
          .vocab = logits_CV_.size(1),
          .logits = logits_CV_.const_data_ptr<float>(),
          .stride = logits_CV_.size(1),
          .inverse_temperature = static_cast<float>(1 / temperature_),
          .first = targets.first.const_data_ptr<std::int64_t>(),
          .token = targets.target_n.const_data_ptr<std::int64_t>()};
}

TargetLogprobs OutputLayer::softmax_by_kernels(const ChunkTargets& targets) {
  const auto options = logits_CV_.options();
  TargetLogprobs out{at::empty(targets.target_n.sizes(), options),
                     at::empty(targets.target_n.sizes(), options)};
  const kernels::LogitRows<float> rows = kernel_rows(targets);
  const kernels::SoftmaxResult result{softmax_rows(softmax_), out.logp_n.mutable_data_ptr<float>(),
                                      out.entropy_n.mutable_data_ptr<float>()};
  if (logits_CV_.is_cuda()) {
    model::on_device(logits_CV_.device(),
                     [&](kernels::Stream stream) { kernels::cuda::softmax_forward(rows, result, stream); });
  } else {
    model::deal(rows.rows, [&] {
      return [&](std::int64_t row) { kernels::cpu::softmax_forward(rows, result, row, row + 1); };
    });
  }
  return out;
}

TargetLogprobs OutputLayer::softmax_by_operators(const ChunkTargets& targets) {
  if (temperature_ != 1.0) logits_CV_.div_(temperature_);
  const at::Tensor max_C1 = logits_CV_.amax(1, true);
  const at::Tensor shifted_CV = logits_CV_ - max_C1, exp_CV = shifted_CV.exp();
  const at::Tensor sum_C = exp_CV.sum(1), log_sum_C = sum_C.log();
  log_normaliser_C_ = max_C1.squeeze(1) + log_sum_C;
  entropy_C_ = log_sum_C - (exp_CV * shifted_CV).sum(1) / sum_C;
  const at::Tensor logit_n = logits_CV_.index({targets.index_n, targets.target_n});
  return {logit_n - log_normaliser_C_.index_select(0, targets.index_n),
          entropy_C_.index_select(0, targets.index_n)};
}

at::Tensor OutputLayer::gradient(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                 const at::Tensor& d_entropy_n) {
  if (!by_kernels_) return gradient_by_operators(targets, d_logp_n, d_entropy_n);
  return narrow_ == at::kFloat ? gradient_by_kernels<float>(targets, d_logp_n, d_entropy_n)
                               : gradient_by_kernels<kernels::BFloat16>(targets, d_logp_n, d_entropy_n);
}

// The gradient takes the place of the logits, row by row.
template <typename Gradient>
at::Tensor OutputLayer::gradient_by_kernels(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                            const at::Tensor& d_entropy_n) {
  const at::Tensor d_logp = dense(d_logp_n), d_entropy = dense(d_entropy_n);
  const kernels::LogitRows<float> rows = kernel_rows(targets);
  const at::Tensor d_logits_CV = std::is_same_v<Gradient, float>
                                     ? logits_CV_
                                     : logits_CV_.view(at::kBFloat16).narrow(1, 0, logits_CV_.size(1));
  const kernels::SoftmaxGradient<Gradient> gradient{softmax_rows(softmax_), floats(d_logp), floats(d_entropy),
                                                    static_cast<Gradient*>(d_logits_CV.mutable_data_ptr()),
                                                    d_logits_CV.stride(0)};
  if (logits_CV_.is_cuda()) {
    model::on_device(logits_CV_.device(), [&](kernels::Stream stream) {
      kernels::cuda::softmax_backward(rows, gradient, stream);
    });
  } else {
    model::deal(rows.rows, [&] {
      return [&](std::int64_t row) { kernels::cpu::softmax_backward(rows, gradient, row, row + 1); };
    });
  }
  return d_logits_CV;
}

at::Tensor OutputLayer::gradient_by_operators(const ChunkTargets& targets, const at::Tensor& d_logp_n,
                                              const at::Tensor& d_entropy_n) {
  // onehot d_logp - p (d_logp + d_entropy (log p + H)), d_logp and d_entropy summed over a row's targets.
  at::Tensor logp_CV = logits_CV_.sub_(log_normaliser_C_.unsqueeze(1)), d_logits_CV = logp_CV.exp();
  const auto of_rows = [&](const at::Tensor& x_n) {
    at::Tensor sum_C = at::zeros({logits_CV_.size(0)}, logits_CV_.options());
    if (x_n.defined()) sum_C.index_put_({targets.index_n}, x_n, /*accumulate=*/true);
    return sum_C.unsqueeze(1);
  };
  const at::Tensor factor_C1 = of_rows(d_logp_n);
  if (d_entropy_n.defined()) {
    logp_CV.add_(entropy_C_.unsqueeze(1)).mul_(of_rows(d_entropy_n)).add_(factor_C1);
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
