#include "tempo/objective/logprobs.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "check_logprobs.h"
#include "output_layer.h"
#include "row_chunks.h"
#include "tempo/core/error.h"

namespace tempo::objective {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

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
  const at::Tensor entropy_N = at::empty(target_N.sizes(), result_options);
  OutputLayer layer(weight_VD, std::min(rows, options.chunk_rows), options.temperature);
  for (const Chunk& chunk : chunks_of(targets.first, options.chunk_rows)) {
    const TargetLogprobs got = layer.compute(hidden_TD.index_select(0, chunk.of_rows(targets.row_U)),
                                             chunk.targets(targets, target_N));
    chunk.of_targets(logp_N).copy_(got.logp_n);
    chunk.of_targets(entropy_N).copy_(got.entropy_n);
  }
  context->set_materialize_grads(false);
  context->save_for_backward(
      {hidden_TD, weight_VD, target_N, targets.row_U, targets.index_N, targets.first_U1});
  context->saved_data["first"] = targets.first;
  context->saved_data["temperature"] = options.temperature;
  context->saved_data["chunk_rows"] = options.chunk_rows;
  return {logp_N, entropy_N};
}

variable_list LogprobFunction::backward(AutogradContext* context, const variable_list& gradients) {
  TEMPO_CHECK(!at::GradMode::is_enabled(),
              "token_logprobs: expected first derivatives only, got create_graph");
  const variable_list saved = context->get_saved_variables();
  const at::Tensor &hidden_TD = saved[0], &weight_VD = saved[1], &target_N = saved[2];
  const RowTargets targets{saved[3], saved[4], saved[5], context->saved_data["first"].toIntVector()};
  const std::int64_t chunk_rows = context->saved_data["chunk_rows"].toInt(), rows = targets.row_U.size(0);

  variable_list result(5);
  const at::Tensor &d_logp_N = gradients[0], &d_entropy_N = gradients[1];
  if (!d_logp_N.defined() && !d_entropy_N.defined()) return result;
  OutputGradients sums(hidden_TD, weight_VD, context->needs_input_grad(0), context->needs_input_grad(1));
  OutputLayer layer(weight_VD, std::min(rows, chunk_rows), context->saved_data["temperature"].toDouble());
  for (const Chunk& chunk : chunks_of(targets.first, chunk_rows)) {
    const at::Tensor row_C = chunk.of_rows(targets.row_U), hidden_CD = hidden_TD.index_select(0, row_C);
    const ChunkTargets of_chunk = chunk.targets(targets, target_N);
    layer.compute(hidden_CD, of_chunk);
    sums.add(layer.gradient(of_chunk, d_logp_N.defined() ? chunk.of_targets(d_logp_N) : d_logp_N,
                            d_entropy_N.defined() ? chunk.of_targets(d_entropy_N) : d_entropy_N),
             hidden_CD, row_C);
  }
  result[0] = sums.hidden();
  result[1] = sums.weight();
  return result;
}

}  // namespace

void check_logprobs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
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

Logprobs token_logprobs(const at::Tensor& hidden_TD, const at::Tensor& weight_VD, const at::Tensor& row_N,
                        const at::Tensor& target_N, const LogprobOptions& options) {
  check_logprobs(hidden_TD, weight_VD, row_N, target_N, options);
  const RowTargets targets = distinct_rows(row_N, target_N, hidden_TD.size(0), weight_VD.size(0));
  const variable_list result = LogprobFunction::apply(hidden_TD, weight_VD, target_N, targets, options);
  return {result[0], result[1]};
}

}  // namespace tempo::objective
