#include "tempo/objective/loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tempo/core/error.h"

namespace tempo::objective {
namespace {

// |logp - old_logp| and |ref - logp| beyond this have long been clipped or are hopeless; the exponential of
// more would overflow, and infinity times a zero advantage is not a number.
constexpr double kMaxDifference = 20.0;

void check_column(const at::Tensor& x_N, const at::Tensor& like_N, const char* name) {
  TEMPO_CHECK(x_N.defined() && x_N.sizes() == like_N.sizes(), "clipped_loss: expected ", name, " of shape ",
              like_N.sizes(), ", got ",
              x_N.defined() ? core::concat("shape ", x_N.sizes()) : std::string("none"));
}

// Returns k3 of each node: an unbiased estimate of KL(policy || reference) that is never negative.
// Source: Schulman, "Approximating KL divergence", 2020.
at::Tensor k3(const at::Tensor& logp_N, const at::Tensor& ref_logp_N) {
  const at::Tensor difference_N = (ref_logp_N - logp_N).clamp(-kMaxDifference, kMaxDifference);
  return difference_N.expm1() - difference_N;  // exp(x) - 1 - x would cancel near zero
}

LossStats measure(const NodeBatch& batch, const at::Tensor& difference_N, const at::Tensor& ratio_N,
                  const at::Tensor& kl_N, const at::Tensor& entropy_N, const LossOptions& options) {
  at::NoGradGuard no_grad;
  const auto sum = [](const at::Tensor& x) { return x.sum(at::kDouble); };
  const at::Tensor zero = at::zeros({}, difference_N.options().dtype(at::kDouble));
  const at::Tensor all =
      at::stack({sum(batch.count), sum(batch.negative_count * (ratio_N < 1 - options.clip_low)),
                 sum(batch.positive_count * (ratio_N > 1 + options.clip_high)),
                 options.dual_clip ? sum(batch.negative_count * (ratio_N > *options.dual_clip)) : zero,
                 kl_N.defined() ? sum(batch.count * kl_N) : zero, sum(batch.count * entropy_N),
                 difference_N.numel() > 0 ? difference_N.abs().max().to(at::kDouble) : zero});
  const at::Tensor host = all.cpu();  // one transfer for all
  const auto* x = host.const_data_ptr<double>();
  return {.tokens = x[0],
          .clipped_low = x[1],
          .clipped_high = x[2],
          .clipped_dual = x[3],
          .kl = x[4],
          .entropy = x[5],
          .logp_difference_max = x[6]};
}

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

  const at::Tensor difference_N = logp_N - batch.old_logp;
  const at::Tensor ratio_N = difference_N.clamp(-kMaxDifference, kMaxDifference).exp();
  const at::Tensor gain_N = ratio_N.clamp_max(1 + options.clip_high);
  const double floor = 1 - options.clip_low;
  const at::Tensor cost_N =
      options.dual_clip ? ratio_N.clamp(floor, *options.dual_clip) : ratio_N.clamp_min(floor);
  at::Tensor loss_N = batch.negative * cost_N - batch.positive * gain_N;
  const at::Tensor kl_N = ref_logp_N.defined() ? k3(logp_N, ref_logp_N) : at::Tensor();
  if (options.kl_coefficient > 0) loss_N = loss_N + options.kl_coefficient * batch.weight * kl_N;
  if (options.entropy_coefficient != 0)
    loss_N = loss_N - options.entropy_coefficient * batch.weight * entropy_N;

  return {.value = loss_N.sum(at::kDouble).to(logp_N.scalar_type()),
          .stats = measure(batch, difference_N, ratio_N, kl_N, entropy_N, options)};
}

}  // namespace tempo::objective
