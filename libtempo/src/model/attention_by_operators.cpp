#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "attention_paths.h"

namespace tempo::model {
namespace {

// Bounds the scores to H x 256 x keys.
constexpr std::int64_t kChunkQueries = 256;

// Queries [begin, end) of a segment, whose last sees `keys` keys. Query heads of one key-value head are
// stacked as rows, so that their scores are one product and their key gradients need no sum.
struct Chunk {
  std::int64_t begin, end, keys;
};

std::vector<Chunk> chunks_of(const PlanSegment& segment) {
  std::vector<Chunk> chunks;
  for (std::int64_t begin = segment.query_begin; begin < segment.query_end; begin += kChunkQueries) {
    const std::int64_t end = std::min<std::int64_t>(begin + kChunkQueries, segment.query_end);
    chunks.push_back({begin, end, segment.keys - (segment.query_end - end)});
  }
  return chunks;
}

// Returns the rows of a segment's keys in path order, float32 [K, keys, E].
at::Tensor gather_path(const at::Tensor& rows_SKE, const SegmentPlan& plan, const PlanSegment& segment) {
  std::vector<at::Tensor> parts;
  for (std::int32_t r = segment.range_begin; r < segment.range_end; ++r) {
    const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    parts.push_back(rows_SKE.narrow(0, range.begin, range.size()));
  }
  return (parts.size() == 1 ? parts[0] : at::cat(parts)).transpose(0, 1).to(at::kFloat);
}

// Adds rows [K, keys, E] to the slots of a segment's keys.
void scatter_path(const at::Tensor& rows, const SegmentPlan& plan, const PlanSegment& segment,
                  const at::Tensor& target_SKE) {
  std::int64_t taken = 0;
  for (std::int32_t r = segment.range_begin; r < segment.range_end; ++r) {
    const tree::NodeRange range = plan.key_ranges[static_cast<std::size_t>(r)];
    target_SKE.narrow(0, range.begin, range.size()).add_(rows.narrow(1, taken, range.size()).transpose(0, 1));
    taken += range.size();
  }
}

// Returns the chunk's rows of [T, H, X] as float32 [K, H / K * Q, X]: query heads, then queries.
at::Tensor stack_rows(const at::Tensor& tensor_THX, const Chunk& chunk, std::int64_t kv_heads) {
  const std::int64_t queries = chunk.end - chunk.begin, width = tensor_THX.size(2);
  return tensor_THX.narrow(0, chunk.begin, queries)
      .to(at::kFloat)
      .view({queries, kv_heads, -1, width})
      .permute({1, 2, 0, 3})
      .reshape({kv_heads, -1, width});
}

// The inverse: writes stacked rows to the chunk's rows of [T, H, X].
void unstack_rows(const at::Tensor& rows, const Chunk& chunk, const at::Tensor& target_THX) {
  const std::int64_t queries = chunk.end - chunk.begin, width = rows.size(2);
  target_THX.narrow(0, chunk.begin, queries)
      .copy_(
          rows.view({rows.size(0), -1, queries, width}).permute({2, 0, 1, 3}).reshape({queries, -1, width}));
}

// Returns the chunk's scores [K, H / K * Q, keys], minus infinity where a query must not see a key.
at::Tensor masked_scores(const at::Tensor& query_rows, const at::Tensor& key_KSE, const Chunk& chunk) {
  const at::Tensor scores = at::bmm(query_rows, key_KSE.narrow(1, 0, chunk.keys).transpose(1, 2));
  const std::int64_t queries = chunk.end - chunk.begin;
  if (queries > 1) {
    const at::Tensor hidden = at::ones({queries, queries}, scores.options().dtype(at::kBool)).triu(1);
    scores.narrow(2, chunk.keys - queries, queries)
        .unflatten(1, {-1, queries})
        .masked_fill_(hidden, -std::numeric_limits<float>::infinity());
  }
  return scores;
}

double score_scale(const at::Tensor& query_THE) {
  return 1.0 / std::sqrt(static_cast<double>(query_THE.size(2)));
}

}  // namespace

AttentionResult attention_by_operators(const AttentionInputs& inputs, const SegmentPlan& plan) {
  const std::int64_t kv_heads = inputs.key_SKE.size(1);
  AttentionResult result;
  result.output_THE = at::empty(inputs.query_THE.sizes(), inputs.query_THE.options());
  result.logsumexp_TH = at::empty({inputs.query_THE.size(0), inputs.query_THE.size(1)},
                                  inputs.query_THE.options().dtype(at::kFloat));
  for (const PlanSegment& segment : plan.segments) {
    const at::Tensor key_KSE = gather_path(inputs.key_SKE, plan, segment);
    const at::Tensor value_KSE = gather_path(inputs.value_SKE, plan, segment);
    for (const Chunk& chunk : chunks_of(segment)) {
      const at::Tensor query_rows =
          stack_rows(inputs.query_THE, chunk, kv_heads).mul(score_scale(inputs.query_THE));
      const at::Tensor scores = masked_scores(query_rows, key_KSE, chunk);
      const at::Tensor logsumexp = at::logsumexp(scores, 2, /*keepdim=*/true);
      scores.sub_(logsumexp).exp_();
      unstack_rows(at::bmm(scores, value_KSE.narrow(1, 0, chunk.keys)), chunk, result.output_THE);
      unstack_rows(logsumexp, chunk, result.logsumexp_TH.unsqueeze(2));
    }
  }
  return result;
}

AttentionGradients attention_backward_by_operators(const AttentionInputs& inputs,
                                                   const AttentionResult& result,
                                                   const at::Tensor& grad_output_THE,
                                                   const SegmentPlan& plan) {
  const std::int64_t kv_heads = inputs.key_SKE.size(1);
  const double scale = score_scale(inputs.query_THE);
  const at::Tensor grad_query = at::empty(inputs.query_THE.sizes(), inputs.query_THE.options());
  const at::Tensor grad_key = at::zeros(inputs.key_SKE.sizes(), inputs.key_SKE.options().dtype(at::kFloat));
  const at::Tensor grad_value = at::zeros_like(grad_key);
  for (const PlanSegment& segment : plan.segments) {
    const at::Tensor key_KSE = gather_path(inputs.key_SKE, plan, segment);
    const at::Tensor value_KSE = gather_path(inputs.value_SKE, plan, segment);
    const at::Tensor path_grad_key = at::zeros(key_KSE.sizes(), key_KSE.options());
    const at::Tensor path_grad_value = at::zeros(key_KSE.sizes(), key_KSE.options());
    for (const Chunk& chunk : chunks_of(segment)) {
      const at::Tensor query_rows = stack_rows(inputs.query_THE, chunk, kv_heads).mul(scale);
      const at::Tensor grad_rows = stack_rows(grad_output_THE, chunk, kv_heads);
      const at::Tensor output_rows = stack_rows(result.output_THE, chunk, kv_heads);
      const at::Tensor weights = masked_scores(query_rows, key_KSE, chunk);
      weights.sub_(stack_rows(result.logsumexp_TH.unsqueeze(2), chunk, kv_heads)).exp_();
      path_grad_value.narrow(1, 0, chunk.keys).add_(at::bmm(weights.transpose(1, 2), grad_rows));
      const at::Tensor grad_scores = at::bmm(grad_rows, value_KSE.narrow(1, 0, chunk.keys).transpose(1, 2));
      grad_scores.sub_((grad_rows * output_rows).sum(2, /*keepdim=*/true)).mul_(weights);
      path_grad_key.narrow(1, 0, chunk.keys).add_(at::bmm(grad_scores.transpose(1, 2), query_rows));
      const at::Tensor grad_query_rows = at::bmm(grad_scores, key_KSE.narrow(1, 0, chunk.keys)).mul(scale);
      unstack_rows(grad_query_rows, chunk, grad_query);
    }
    scatter_path(path_grad_key, plan, segment, grad_key);
    scatter_path(path_grad_value, plan, segment, grad_value);
  }
  const at::ScalarType dtype = inputs.key_SKE.scalar_type();
  return {grad_query, grad_key.to(dtype), grad_value.to(dtype)};
}

}  // namespace tempo::model
