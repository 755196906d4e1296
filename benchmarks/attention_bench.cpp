// Attention as the model calls it, with the heads of SmolLM2-135M, on all threads. Legend: T queries, S
// slots, H query heads, K key-value heads, E head width.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "tempo/model/attention.h"
#include "tempo/model/segment_plan.h"
#include "tempo/tree/forest.h"

namespace {

using tempo::model::PlanSegment;
using tempo::model::SegmentPlan;

constexpr std::int64_t kHeads = 9, kKvHeads = 3, kWidth = 64;

// Groups of a prompt and eight responses, all different from their first token on.
SegmentPlan forest_plan(std::int32_t groups, std::size_t prompt_tokens, std::size_t response_tokens) {
  std::vector<std::int32_t> prompts, prompt_offsets{0}, responses, response_offsets{0}, group_offsets{0};
  for (std::int32_t g = 0; g < groups; ++g) {
    prompts.resize(prompts.size() + prompt_tokens, g);
    prompt_offsets.push_back(static_cast<std::int32_t>(prompts.size()));
    for (std::int32_t r = 0; r < 8; ++r) {
      responses.resize(responses.size() + response_tokens, r);
      response_offsets.push_back(static_cast<std::int32_t>(responses.size()));
    }
    group_offsets.push_back(8 * (g + 1));
  }
  return tempo::model::plan_forest(tempo::tree::build_forest({.prompt_tokens = prompts,
                                                              .prompt_offsets = prompt_offsets,
                                                              .response_tokens = responses,
                                                              .response_offsets = response_offsets,
                                                              .group_offsets = group_offsets}));
}

SegmentPlan short_plan() { return forest_plan(8, 45, 24); }
// As in training: short answers, long prompts, long answers.
SegmentPlan answers_plan() { return forest_plan(4, 45, 64); }
SegmentPlan prompts_plan() { return forest_plan(2, 300, 64); }
SegmentPlan reasoning_plan() { return forest_plan(2, 100, 512); }

SegmentPlan sequence_plan() { return tempo::model::plan_sequence(std::vector<std::int32_t>(1024, 1)); }

// One query for each of 64 sequences of 300 tokens in a cache.
SegmentPlan decode_plan() {
  SegmentPlan plan;
  for (std::int32_t row = 0; row < 64; ++row) {
    plan.token.push_back(1);
    plan.position.push_back(299);
    plan.slot.push_back(300 * row + 299);
    plan.segments.push_back({row, row + 1, row, row + 1, 300});
    plan.key_ranges.push_back({300 * row, 300 * row + 300});
  }
  return plan;
}

struct Case {
  Case(SegmentPlan plan_in, bool bfloat16) : plan(std::move(plan_in)) {
    at::manual_seed(1);
    std::int64_t slots = 0;
    for (const auto& range : plan.key_ranges) slots = std::max<std::int64_t>(slots, range.end);
    const at::ScalarType dtype = bfloat16 ? at::kBFloat16 : at::kFloat;
    query_THE = at::randn({plan.tokens(), kHeads, kWidth}).to(dtype);
    key_SKE = at::randn({slots, kKvHeads, kWidth}).to(dtype);
    value_SKE = at::randn({slots, kKvHeads, kWidth}).to(dtype);
  }

  at::Tensor run() const { return tempo::model::segment_attention(query_THE, key_SKE, value_SKE, plan); }

  // Returns the keys that all queries see, added up.
  std::int64_t visible_keys() const {
    std::int64_t sum = 0;
    for (const PlanSegment& segment : plan.segments) {
      const std::int64_t queries = segment.query_end - segment.query_begin;
      sum += queries * segment.keys - queries * (queries - 1) / 2;
    }
    return sum;
  }

  SegmentPlan plan;
  at::Tensor query_THE, key_SKE, value_SKE;
};

// Whether the last query, which sees all keys of its segment, got softmax(q k^T / sqrt(E)) v, to bfloat16's
// rounding.
bool is_attention(const Case& input, const at::Tensor& output_THE) {
  const PlanSegment& segment = input.plan.segments.back();
  std::vector<at::Tensor> keys, values;
  for (std::int32_t r = segment.range_begin; r < segment.range_end; ++r) {
    const auto& range = input.plan.key_ranges[static_cast<std::size_t>(r)];
    keys.push_back(input.key_SKE.slice(0, range.begin, range.end));
    values.push_back(input.value_SKE.slice(0, range.begin, range.end));
  }
  const auto heads_first = [](const std::vector<at::Tensor>& parts) {
    return at::cat(parts).to(at::kFloat).transpose(0, 1).repeat_interleave(kHeads / kKvHeads, 0);
  };
  const at::Tensor query = input.query_THE[-1].to(at::kFloat).unsqueeze(1);
  const at::Tensor scores = at::matmul(query, heads_first(keys).transpose(1, 2)) / std::sqrt(double{kWidth});
  const at::Tensor expected = at::matmul(scores.softmax(-1), heads_first(values)).squeeze(1);
  return at::allclose(output_THE[-1].to(at::kFloat), expected, 1e-2, 1e-2);
}

void set_processed(benchmark::State& state, const Case& input, std::int64_t products, std::int64_t arrays) {
  const std::int64_t rows = 2 * input.query_THE.numel() + 2 * input.key_SKE.numel();
  state.SetItemsProcessed(state.iterations() * input.plan.tokens());
  state.SetBytesProcessed(state.iterations() * arrays * rows * input.query_THE.element_size());
  const auto flop = static_cast<double>(2 * products * kHeads * kWidth * input.visible_keys());
  state.counters["flop"] = benchmark::Counter(flop, benchmark::Counter::kIsIterationInvariantRate);
}

void BM_attention_forward(benchmark::State& state, SegmentPlan (*make_plan)()) {
  const at::NoGradGuard no_grad;
  const Case input(make_plan(), state.range(0) != 0);
  if (!is_attention(input, input.run())) {
    state.SkipWithError("expected the attention of the last query");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(input.run());
  set_processed(state, input, 2, 1);
}

void BM_attention_backward(benchmark::State& state, SegmentPlan (*make_plan)()) {
  Case input(make_plan(), state.range(0) != 0);
  const std::vector<at::Tensor> inputs{input.query_THE, input.key_SKE, input.value_SKE};
  for (const at::Tensor& tensor : inputs) tensor.requires_grad_(true);
  const at::Tensor output_THE = input.run();
  const at::Tensor grad_THE = at::ones_like(output_THE);
  const auto run = [&] { return torch::autograd::grad({output_THE}, inputs, {grad_THE}, true); };
  // The weights of a query add up to 1, so the values get as much gradient as the outputs had.
  const double sum = run()[2].sum(at::kDouble).item<double>();
  if (std::abs(sum / static_cast<double>(grad_THE.numel()) - 1) > 1e-2) {
    state.SkipWithError("expected the values to get the outputs' gradient");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(run());
  set_processed(state, input, 5, 2);
}

void types(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("bfloat16")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(BM_attention_forward, forest, short_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_forward, answers_64, answers_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_forward, prompts_300, prompts_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_forward, answers_512, reasoning_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_forward, sequence, sequence_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_forward, decode, decode_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_backward, forest, short_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_backward, answers_64, answers_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_backward, prompts_300, prompts_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_backward, answers_512, reasoning_plan)->Apply(types);
BENCHMARK_CAPTURE(BM_attention_backward, sequence, sequence_plan)->Apply(types);

}  // namespace
