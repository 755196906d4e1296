#include "attention_by_flash.h"

#include <cassert>
#include <cstddef>
#include <limits>
#include <span>

namespace tempo::model {
namespace {

at::Tensor rows_of(const at::Tensor& tensor, const at::Tensor& index) {
  return index.defined() ? tensor.index_select(0, index) : tensor;
}

at::Tensor joined(const std::vector<at::Tensor>& parts) {
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

// Adds rows to those of the target, each index at most once.
void add_rows(const at::Tensor& target, const at::Tensor& index, const at::Tensor& rows) {
  if (index.defined()) {
    target.index_add_(0, index, rows.to(target.scalar_type()));
  } else {
    target.add_(rows);
  }
}

// Returns the sum of each query's parts, part_of(pass) being those of a pass in a wide dtype.
template <typename PartOf>
at::Tensor sum_of_parts(const FlashPlan& plan, const PartOf& part_of) {
  const at::Tensor sum = part_of(plan.passes.front());
  for (const FlashPass& pass : std::span(plan.passes).subspan(1)) {
    sum.index_add_(0, pass.token_P, part_of(pass));
  }
  return sum;
}

// Returns the logsumexp over all parts of a query, [T, H].
at::Tensor merged_logsumexp(const at::Tensor& part_MH, const FlashPlan& plan, std::int64_t tokens) {
  const auto passes = static_cast<std::int64_t>(plan.passes.size()), heads = part_MH.size(1);
  const at::Tensor padded =
      at::full({passes * tokens, heads}, -std::numeric_limits<double>::infinity(), part_MH.options());
  padded.index_copy_(0, plan.place_M, part_MH);
  return at::logsumexp(padded.view({passes, tokens, heads}), 0);
}

AttentionResult merged(const at::Tensor& output_MHE, const at::Tensor& logsumexp_MH, const FlashPlan& plan,
                       std::int64_t tokens) {
  const FlashPass& first = plan.passes.front();
  if (plan.passes.size() == 1) {
    return {rows_of(output_MHE, first.part_P), rows_of(logsumexp_MH, first.part_P).contiguous()};
  }
  const at::Tensor logsumexp_TH = merged_logsumexp(logsumexp_MH, plan, tokens);
  const at::Tensor weight_MH1 =
      (logsumexp_MH - logsumexp_TH.index_select(0, plan.token_M)).exp_().unsqueeze(2);
  const at::Tensor sum = sum_of_parts(plan, [&](const FlashPass& pass) {
    return rows_of(output_MHE, pass.part_P) * rows_of(weight_MH1, pass.part_P);
  });
  return {sum.to(output_MHE.scalar_type()), logsumexp_TH};
}

FlashSequences with_packed_keys(const FlashCall& call) {
  FlashSequences out = call.sequences;
  out.key_begin = call.packed_key_offset;
  return out;
}

}  // namespace

AttentionResult attention_by_flash(const AttentionInputs& inputs, const FlashPlan& plan,
                                   const FlashKernel& kernel) {
  std::vector<at::Tensor> outputs, logsumexps;
  for (const FlashCall& call : plan.calls) {
    const at::Tensor query_MHE = rows_of(inputs.query_THE, call.token_M);
    const FlashPart part = kernel.forward({query_MHE, inputs.key_SKE, inputs.value_SKE}, call.sequences);
    outputs.push_back(part.output_MHE);
    logsumexps.push_back(part.logsumexp_HM.t());
  }
  return merged(joined(outputs), joined(logsumexps), plan, inputs.query_THE.size(0));
}

AttentionGradients attention_backward_by_flash(const AttentionInputs& inputs, const AttentionResult& result,
                                               const at::Tensor& grad_output_THE, const FlashPlan& plan,
                                               const FlashKernel& kernel) {
  const at::ScalarType dtype = inputs.key_SKE.scalar_type(), wide = result.logsumexp_TH.scalar_type();
  const at::Tensor grad_key = at::zeros(inputs.key_SKE.sizes(), inputs.key_SKE.options().dtype(wide));
  const at::Tensor grad_value = at::zeros_like(grad_key);
  std::vector<at::Tensor> grad_queries;
  for (const FlashCall& call : plan.calls) {
    assert(call.packed_key_offset.defined());
    const auto of_queries = [&](const at::Tensor& tensor) { return rows_of(tensor, call.token_M); };
    const auto of_keys = [&](const at::Tensor& tensor) { return rows_of(tensor, call.slot_L); };
    const AttentionGradients part =
        kernel.backward({of_queries(inputs.query_THE), of_keys(inputs.key_SKE), of_keys(inputs.value_SKE)},
                        {of_queries(result.output_THE), of_queries(result.logsumexp_TH).t().contiguous()},
                        of_queries(grad_output_THE), with_packed_keys(call));
    grad_queries.push_back(part.query_THE);
    add_rows(grad_key, call.slot_L, part.key_SKE);
    add_rows(grad_value, call.slot_L, part.value_SKE);
  }
  const at::Tensor grad_query_MHE = joined(grad_queries);
  const at::Tensor grad_query = sum_of_parts(
      plan, [&](const FlashPass& pass) { return rows_of(grad_query_MHE, pass.part_P).to(wide); });
  return {grad_query.to(dtype), grad_key.to(dtype), grad_value.to(dtype)};
}

}  // namespace tempo::model
