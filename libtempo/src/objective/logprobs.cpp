#include "tempo/objective/logprobs.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "logits_chunks.h"
#include "tempo/core/error.h"

namespace tempo::objective {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Returns the sum of each row's targets, [U, 1], in an order that does not depend on the device's threads.
at::Tensor sum_by_row(const at::Tensor& x_N, const at::Tensor& index_N, std::int64_t rows) {
  return at::zeros({rows}, x_N.options()).index_put_({index_N}, x_N, /*accumulate=*/true).unsqueeze(1);
}

class LogprobFunction : public torch::autograd::Function<LogprobFunction> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden_TD,
                               const at::Tensor& weight_VD, const at::Tensor& target_N,
                               const RowTargets& targets, const LogprobOptions& options);
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

variable_list LogprobFunction::forward(AutogradContext* context, const at::Tensor& hidden_TD,
                                       const at::Tensor& weight_VD, const at::Tensor& target_N,
                                       const RowTargets& targets, const LogprobOptions& options) {
  const std::int64_t rows = targets.row_U.size(0);
  const at::TensorOptions result_options = weight_VD.options().dtype(wide_dtype(weight_VD.scalar_type()));
  const at::Tensor logp_N = at::empty(target_N.sizes(), result_options);
  const at::Tensor normaliser_U = at::empty({rows}, result_options);  // log of the sum of exponentials
  const at::Tensor entropy_U = at::empty({rows}, result_options);

  LogitsBuffer buffer(weight_VD, std::min(rows, options.chunk_rows), options.temperature);
  for (const Chunk& chunk : chunks_of(targets.first, options.chunk_rows)) {
    at::Tensor logits_CV = buffer.compute(hidden_TD.index_select(0, chunk.of_rows(targets.row_U)));
    const at::Tensor max_C = logits_CV.amax(1);
    logits_CV.sub_(max_C.unsqueeze(1));
    at::Tensor exp_CV = buffer.exp(logits_CV);
    const at::Tensor sum_C = exp_CV.sum(1), log_sum_C = sum_C.log();
    const at::Tensor index = chunk.of_targets(targets.index_N) - chunk.begin;
    const at::Tensor target_logit = logits_CV.index({index, chunk.of_targets(target_N)});
    chunk.of_targets(logp_N).copy_(target_logit - log_sum_C.index_select(0, index));
    chunk.of_rows(normaliser_U).copy_(max_C + log_sum_C);
    chunk.of_rows(entropy_U).copy_(log_sum_C - exp_CV.mul_(logits_CV).sum(1) / sum_C);
  }

  context->set_materialize_grads(false);
  context->save_for_backward(
      {hidden_TD, weight_VD, target_N, targets.row_U, targets.index_N, normaliser_U, entropy_U});
  context->saved_data["first"] = targets.first;
  context->saved_data["temperature"] = options.temperature;
  context->saved_data["chunk_rows"] = options.chunk_rows;
  return {logp_N, entropy_U.index_select(0, targets.index_N)};
}

variable_list LogprobFunction::backward(AutogradContext* context, const variable_list& gradients) {
  TEMPO_CHECK(!at::GradMode::is_enabled(),
              "token_logprobs: expected first derivatives only, got create_graph");
  const variable_list saved = context->get_saved_variables();
  const at::Tensor &hidden_TD = saved[0], &weight_VD = saved[1], &target_N = saved[2], &row_U = saved[3];
  const at::Tensor &index_N = saved[4], &normaliser_U = saved[5], &entropy_U = saved[6];
  const double temperature = context->saved_data["temperature"].toDouble();
  const std::int64_t chunk_rows = context->saved_data["chunk_rows"].toInt(), rows = row_U.size(0);

  variable_list result(5);
  const at::Tensor &d_logp_N = gradients[0], &d_entropy_N = gradients[1];
  if (!d_logp_N.defined() && !d_entropy_N.defined()) return result;
  at::Tensor d_logp_U, d_entropy_U;
  if (d_logp_N.defined()) d_logp_U = sum_by_row(d_logp_N, index_N, rows);
  if (d_entropy_N.defined()) d_entropy_U = sum_by_row(d_entropy_N, index_N, rows);

  std::optional<WeightGradient> d_weight;
  if (context->needs_input_grad(0)) result[0] = at::zeros_like(hidden_TD);
  if (context->needs_input_grad(1)) d_weight.emplace(weight_VD);
  LogitsBuffer buffer(weight_VD, std::min(rows, chunk_rows), temperature);
  for (const Chunk& chunk : chunks_of(context->saved_data["first"].toIntVector(), chunk_rows)) {
    const at::Tensor row_C = chunk.of_rows(row_U);
    const at::Tensor hidden_CD = hidden_TD.index_select(0, row_C);
    // d loss / d logits = onehot d_logp - p (d_logp + d_entropy (log p + H)), summed over a row's targets.
    at::Tensor logp_CV = buffer.compute(hidden_CD).sub_(chunk.of_rows(normaliser_U).unsqueeze(1));
    at::Tensor d_logits_CV = buffer.exp(logp_CV);
    if (d_entropy_U.defined()) {
      logp_CV.add_(chunk.of_rows(entropy_U).unsqueeze(1)).mul_(chunk.of_rows(d_entropy_U));
      if (d_logp_U.defined()) logp_CV.add_(chunk.of_rows(d_logp_U));
      d_logits_CV.mul_(logp_CV).neg_();
    } else {
      d_logits_CV.mul_(-chunk.of_rows(d_logp_U));
    }
    if (d_logp_N.defined()) {
      const at::Tensor index = chunk.of_targets(index_N) - chunk.begin;
      d_logits_CV.index_put_({index, chunk.of_targets(target_N)}, chunk.of_targets(d_logp_N), true);
    }
    if (temperature != 1.0) d_logits_CV.div_(temperature);
    const at::Tensor d_product_CV = buffer.narrowed(d_logits_CV);
    if (result[0].defined()) result[0].index_copy_(0, row_C, d_product_CV.mm(weight_VD));
    if (d_weight) d_weight->add(d_product_CV, hidden_CD);
  }
  if (d_weight) result[1] = d_weight->result();
  return result;
}

void check_inputs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
                  const at::Tensor& target_N, const LogprobOptions& options) {
  TEMPO_CHECK(hidden_TD.dim() == 2 && weight_VD.dim() == 2 && hidden_TD.size(1) == weight_VD.size(1),
              "token_logprobs: expected hidden [T, D] and weight [V, D], got ", hidden_TD.sizes(), " and ",
              weight_VD.sizes());
  TEMPO_CHECK(hidden_TD.is_floating_point() && hidden_TD.scalar_type() == weight_VD.scalar_type(),
              "token_logprobs: expected hidden and weight of one floating dtype, got ",
              at::toString(hidden_TD.scalar_type()), " and ", at::toString(weight_VD.scalar_type()));
  TEMPO_CHECK(row_N.dim() == 1 && row_N.sizes() == target_N.sizes(),
              "token_logprobs: expected row [N] and target [N], got ", row_N.sizes(), " and ",
              target_N.sizes());
  TEMPO_CHECK(row_N.scalar_type() == at::kLong && target_N.scalar_type() == at::kLong,
              "token_logprobs: expected row and target of int64, got ", at::toString(row_N.scalar_type()),
              " and ", at::toString(target_N.scalar_type()));
  TEMPO_CHECK(std::isfinite(options.temperature) && options.temperature > 0,
              "token_logprobs: expected a finite temperature above 0, got ", options.temperature);
  TEMPO_CHECK(options.chunk_rows >= 1, "token_logprobs: expected chunk_rows 1 or more, got ",
              options.chunk_rows);
}

}  // namespace

Logprobs token_logprobs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
                        const at::Tensor& target_N, const LogprobOptions& options) {
  check_inputs(hidden_TD, weight_VD, row_N, target_N, options);
  const RowTargets targets = distinct_rows(row_N, target_N, hidden_TD.size(0), weight_VD.size(0));
  const variable_list result = LogprobFunction::apply(hidden_TD, weight_VD, target_N, targets, options);
  return {result[0], result[1]};
}

}  // namespace tempo::objective
