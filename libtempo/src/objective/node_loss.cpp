#include "node_loss.h"

#include <ATen/core/grad_mode.h>

#include <cstdint>

#include "tempo/kernels/clipped_loss.h"
#include "tempo/model/device_stream.h"

namespace tempo::objective {
namespace {

// As kernels/src/clipped_loss_node.h: far outside of any clip.
constexpr double kMaxDifference = 20.0;

constexpr std::int64_t kSums = sizeof(kernels::ClippedLossSums) / sizeof(double);
static_assert(kSums == 8);

kernels::ClippedLossSums* as_sums(const at::Tensor& memory) {
  return static_cast<kernels::ClippedLossSums*>(memory.mutable_data_ptr());
}

// The batch's columns as the kernel reads them: dense, float32 and int32.
NodeBatch kernel_columns(const NodeBatch& batch) {
  NodeBatch columns = batch;
  for (at::Tensor* const x : {&columns.old_logp, &columns.positive, &columns.negative, &columns.weight})
    *x = x->to(at::kFloat).contiguous();
  for (at::Tensor* const x : {&columns.count, &columns.positive_count, &columns.negative_count})
    *x = x->to(at::kInt).contiguous();
  return columns;
}

kernels::ClippedLossArgs arguments(const NodeBatch& batch, const LossOptions& options) {
  return {.nodes = batch.node.size(0),
          .old_logp = batch.old_logp.const_data_ptr<float>(),
          .positive = batch.positive.const_data_ptr<float>(),
          .negative = batch.negative.const_data_ptr<float>(),
          .weight = batch.weight.const_data_ptr<float>(),
          .count = batch.count.const_data_ptr<std::int32_t>(),
          .positive_count = batch.positive_count.const_data_ptr<std::int32_t>(),
          .negative_count = batch.negative_count.const_data_ptr<std::int32_t>(),
          .clip_low = static_cast<float>(options.clip_low),
          .clip_high = static_cast<float>(options.clip_high),
          .dual_clip = static_cast<float>(options.dual_clip.value_or(0)),
          .kl_coefficient = static_cast<float>(options.kl_coefficient),
          .entropy_coefficient = static_cast<float>(options.entropy_coefficient)};
}

// Returns k3 of each node: an unbiased estimate of KL(policy || reference) that is never negative.
// Source: Schulman, "Approximating KL divergence", 2020.
at::Tensor k3(const at::Tensor& logp_N, const at::Tensor& ref_logp_N) {
  const at::Tensor difference_N = (ref_logp_N - logp_N).clamp(-kMaxDifference, kMaxDifference);
  return difference_N.expm1() - difference_N;  // exp(x) - 1 - x would cancel near zero
}

}  // namespace

bool has_loss_kernel(const at::Tensor& logp_N) {
  return logp_N.scalar_type() == at::kFloat && (logp_N.is_cpu() || logp_N.is_cuda());
}

NodeGradient loss_by_kernels(const NodeBatch& batch, const NodeLogprobs& of_nodes, const LossOptions& options,
                             const at::Tensor& sums_8) {
  const auto dense = [](const at::Tensor& x) {
    return x.defined() ? x.detach().to(at::kFloat).contiguous() : x;
  };
  const at::Tensor logp_N = dense(of_nodes.logp_N), entropy_N = dense(of_nodes.entropy_N),
                   ref_logp_N = dense(of_nodes.ref_logp_N);
  const NodeBatch columns = kernel_columns(batch);
  NodeGradient gradient{at::empty_like(logp_N), {}};
  kernels::ClippedLossArgs args = arguments(columns, options);
  args.logp = logp_N.const_data_ptr<float>(), args.entropy = entropy_N.const_data_ptr<float>();
  if (ref_logp_N.defined()) args.ref_logp = ref_logp_N.const_data_ptr<float>();
  args.d_logp = gradient.d_logp_N.mutable_data_ptr<float>();
  if (options.entropy_coefficient != 0) {
    gradient.d_entropy_N = at::empty_like(logp_N);
    args.d_entropy = gradient.d_entropy_N.mutable_data_ptr<float>();
  }
  args.sums = as_sums(sums_8);
  if (!logp_N.is_cuda()) {
    kernels::cpu::clipped_loss(args);
    return gradient;
  }
  const at::Tensor partials =
      at::empty({kernels::clipped_loss_partials(args.nodes), kSums}, sums_8.options());
  args.partials = as_sums(partials);
  model::on_device(logp_N.device(),
                   [&](kernels::Stream stream) { kernels::cuda::clipped_loss(args, stream); });
  return gradient;
}

at::Tensor loss_by_operators(const NodeBatch& batch, const NodeLogprobs& of_nodes, const LossOptions& options,
                             const at::Tensor& sums_8) {
  const auto& [logp_N, entropy_N, ref_logp_N] = of_nodes;
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
  const at::Tensor loss = loss_N.sum(at::kDouble);

  const at::NoGradGuard no_grad;
  const auto sum = [](const at::Tensor& x) { return x.sum(at::kDouble); };
  const at::Tensor zero = at::zeros({}, sums_8.options());
  sums_8.copy_(
      at::stack({loss, sum(batch.count), sum(batch.negative_count * (ratio_N < floor)),
                 sum(batch.positive_count * (ratio_N > 1 + options.clip_high)),
                 options.dual_clip ? sum(batch.negative_count * (ratio_N > *options.dual_clip)) : zero,
                 kl_N.defined() ? sum(batch.count * kl_N) : zero, sum(batch.count * entropy_N),
                 difference_N.numel() > 0 ? difference_N.abs().max().to(at::kDouble) : zero}));
  return loss.to(logp_N.scalar_type());
}

LossStats read_stats(const at::Tensor& sums) {
  const at::Tensor host = sums.cpu();
  const auto* const all = static_cast<const kernels::ClippedLossSums*>(host.const_data_ptr());
  LossStats stats;
  for (std::int64_t i = 0; i < host.numel() / kSums; ++i) {
    const kernels::ClippedLossSums& x = all[i];
    stats += {.tokens = x.tokens,
              .clipped_low = x.clipped_low,
              .clipped_high = x.clipped_high,
              .clipped_dual = x.clipped_dual,
              .kl = x.kl,
              .entropy = x.entropy,
              .logp_difference_max = x.logp_difference_max};
  }
  return stats;
}

}  // namespace tempo::objective
