#include "tempo/objective/loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "node_loss.h"
#include "tempo/core/error.h"

namespace tempo::objective {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void check_column(const at::Tensor& x_N, const at::Tensor& like_N, const char* name) {
  TEMPO_CHECK(x_N.defined() && x_N.sizes() == like_N.sizes(), "clipped_loss: expected ", name, " of shape ",
              like_N.sizes(), ", got ",
              x_N.defined() ? core::concat("shape ", x_N.sizes()) : std::string("none"));
}

// What the loss needs besides the tensors that it is differentiable in.
struct Inputs {
  const NodeBatch& batch;
  const at::Tensor& ref_logp_N;
  const LossOptions& options;
  const at::Tensor& sums_8;  // written
};

// The loss by kernels, which compute its gradient with its value.
class ClippedLoss : public torch::autograd::Function<ClippedLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& logp_N, const at::Tensor& entropy_N,
                            const Inputs& in) {
    const NodeGradient gradient =
        loss_by_kernels(in.batch, {logp_N, entropy_N, in.ref_logp_N}, in.options, in.sums_8);
    context->saved_data["logp"] = gradient.d_logp_N;
    context->saved_data["entropy"] = gradient.d_entropy_N;
    return in.sums_8[0].to(at::kFloat);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    TEMPO_CHECK(!at::GradMode::is_enabled(),
                "clipped_loss: expected first derivatives only, got create_graph");
    const auto scaled = [&](const char* name) {
      const at::Tensor gradient = context->saved_data[name].toTensor();
      return gradient.defined() ? gradient * gradients[0] : gradient;
    };
    return {scaled("logp"), scaled("entropy"), at::Tensor()};
  }
};

}  // namespace

void LossOptions::validate() const {
  TEMPO_CHECK(clip_low >= 0 && clip_low <= 1, "clip_low: expected a number of [0, 1], got ", clip_low);
  TEMPO_CHECK(std::isfinite(clip_high) && clip_high >= 0,
              "clip_high: expected a finite number, 0 or more, got ", clip_high);
  TEMPO_CHECK(!dual_clip || (std::isfinite(*dual_clip) && *dual_clip > 1),
              "dual_clip: expected a finite number above 1, got ", dual_clip.value_or(0));
  TEMPO_CHECK(std::isfinite(kl_coefficient) && kl_coefficient >= 0,
              "kl_coefficient: expected a finite number, 0 or more, got ", kl_coefficient);
  TEMPO_CHECK(std::isfinite(entropy_coefficient), "entropy_coefficient: expected a finite number, got ",
              entropy_coefficient);
}

LossStats& LossStats::operator+=(const LossStats& other) {
  tokens += other.tokens;
  clipped_low += other.clipped_low;
  clipped_high += other.clipped_high;
  clipped_dual += other.clipped_dual;
  kl += other.kl;
  entropy += other.entropy;
  logp_difference_max = std::max(logp_difference_max, other.logp_difference_max);
  return *this;
}

Loss clipped_loss(const NodeBatch& batch, const at::Tensor& logp_N, const at::Tensor& entropy_N,
                  const at::Tensor& ref_logp_N, const LossOptions& options) {
  options.validate();
  check_column(logp_N, batch.node, "logp");
  check_column(entropy_N, batch.node, "entropy");
  if (ref_logp_N.defined() || options.kl_coefficient > 0) check_column(ref_logp_N, batch.node, "ref_logp");

  const at::Tensor sums_8 = at::empty({8}, logp_N.options().dtype(at::kDouble));
  const at::Tensor value =
      has_loss_kernel(logp_N)
          ? ClippedLoss::apply(logp_N, entropy_N, Inputs{batch, ref_logp_N, options, sums_8})
          : loss_by_operators(batch, {logp_N, entropy_N, ref_logp_N}, options, sums_8);
  return {.value = value, .stats = read_stats(sums_8)};
}

}  // namespace tempo::objective
