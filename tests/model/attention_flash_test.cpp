#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <numeric>

#include "model/attention_by_flash.h"
#include "model/attention_reference.h"
#include "model/flash_reference.h"
#include "model/flash_sequences.h"
#include "tempo/core/error.h"
#include "tempo/model/attention.h"

using namespace tempo;
using namespace tempo::testing;
using model::SegmentPlan;

namespace {

// double: sums of up to 300 keys x 128 numbers, each rounded by 2^-53. bfloat16: a result is rounded by 2^-9
// once more for each of a few parts, and a gradient of the keys has the rounding of the output in D, 2^-9
// times a sum of 128 numbers of size 1.
double tolerance(at::ScalarType dtype) { return dtype == at::kDouble ? 1e-12 : 0x1.0p-5; }

AttentionAnswer run(const AttentionCase& in, const SegmentPlan& plan) {
  const auto flash = model::plan_flash(plan, in.key.size(0), at::kCPU, true);
  REQUIRE(flash);
  const model::AttentionInputs inputs{in.query, in.key, in.value};
  const auto result = model::attention_by_flash(inputs, *flash, reference_kernel());
  const auto gradients =
      model::attention_backward_by_flash(inputs, result, in.grad_output, *flash, reference_kernel());
  return {result.output_THE, gradients.query_THE, gradients.key_SKE, gradients.value_SKE};
}

void check_close(const AttentionAnswer& got, const AttentionAnswer& expected, double limit) {
  CHECK(difference(got.output, expected.output) < limit);
  CHECK(difference(got.grad_query, expected.grad_query) < limit);
  CHECK(difference(got.grad_key, expected.grad_key) < limit);
  CHECK(difference(got.grad_value, expected.grad_value) < limit);
}

void add_segment(SegmentPlan& plan, std::int32_t queries, std::vector<tree::NodeRange> ranges) {
  model::PlanSegment segment;
  segment.query_begin = plan.tokens();
  segment.query_end = segment.query_begin + queries;
  segment.range_begin = static_cast<std::int32_t>(plan.key_ranges.size());
  for (const tree::NodeRange& range : ranges) segment.keys += range.size();
  plan.key_ranges.insert(plan.key_ranges.end(), ranges.begin(), ranges.end());
  segment.range_end = static_cast<std::int32_t>(plan.key_ranges.size());
  plan.token.resize(static_cast<std::size_t>(segment.query_end));
  plan.segments.push_back(segment);
}

// Two groups of a decode step in a cache of 200 slots. The first: prompt [10, 40), its first response right
// behind it, a second one that left it after 5 tokens and a third one after 9. The second: prompt [120, 127).
SegmentPlan decode_plan() {
  SegmentPlan plan;
  add_segment(plan, 1, {{10, 55}});
  add_segment(plan, 1, {{10, 45}, {70, 80}});
  add_segment(plan, 1, {{10, 49}, {90, 96}});
  add_segment(plan, 1, {{120, 127}, {150, 151}});
  add_segment(plan, 1, {{120, 127}, {160, 161}});
  return plan;
}

// What is fed lies behind a path that is in the cache already.
SegmentPlan continuation_plan() {
  SegmentPlan plan;
  add_segment(plan, 3, {{0, 10}, {20, 25}});
  add_segment(plan, 4, {{0, 10}, {30, 34}});
  add_segment(plan, 1, {{20, 22}});
  add_segment(plan, 2, {{40, 41}, {41, 43}});
  return plan;
}

}  // namespace

TEST_CASE("flash attention: its parts add up to the definition on random forests", "[model]") {
  const auto size = GENERATE(AttentionSize{4, 4, 16}, AttentionSize{9, 3, 8}, AttentionSize{3, 1, 24},
                             AttentionSize{8, 2, 128});
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(size.heads, size.width, seed);
  const SegmentPlan plan = random_forest_plan(seed);
  const AttentionCase in = random_case(plan, plan.tokens(), size, at::kDouble, seed);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(at::kDouble));
}

TEST_CASE("flash attention: agrees with the operators in bfloat16", "[model]") {
  const auto seed = GENERATE(5U, 6U);
  const SegmentPlan plan = random_forest_plan(seed, 40);
  const AttentionCase in = random_case(plan, plan.tokens(), {8, 2, 64}, at::kBFloat16, seed);
  const model::AttentionInputs inputs{in.query, in.key, in.value};
  const auto result = model::attention_by_operators(inputs, plan);
  const auto gradients = model::attention_backward_by_operators(inputs, result, in.grad_output, plan);
  const AttentionAnswer got = run(in, plan);
  check_close(got, {result.output_THE, gradients.query_THE, gradients.key_SKE, gradients.value_SKE},
              tolerance(at::kBFloat16));
  CHECK(got.output.scalar_type() == at::kBFloat16);
  CHECK(got.grad_key.scalar_type() == at::kBFloat16);
}

TEST_CASE("flash attention: a logsumexp a query and head, over all of its path", "[model]") {
  const SegmentPlan plan = random_forest_plan(7);
  const AttentionCase in = random_case(plan, plan.tokens(), {6, 2, 16}, at::kFloat, 7);
  const model::AttentionInputs inputs{in.query, in.key, in.value};
  const auto flash = model::plan_flash(plan, plan.tokens(), at::kCPU, false);
  CHECK(difference(model::attention_by_flash(inputs, *flash, reference_kernel()).logsumexp_TH,
                   model::attention_by_operators(inputs, plan).logsumexp_TH) < 1e-5);
}

TEST_CASE("flash attention: a decode step reads the cache in place", "[model]") {
  const SegmentPlan plan = decode_plan();
  AttentionCase in = random_case(plan, 200, {6, 2, 32}, at::kDouble, 8);
  const AttentionAnswer expected = reference_attention(in, plan);
  for (const std::int64_t unused : {0, 9, 55, 69, 80, 127, 199}) {
    in.key[unused].fill_(std::nan(""));
    in.value[unused].fill_(std::nan(""));
  }
  check_close(run(in, plan), expected, tolerance(at::kDouble));
}

TEST_CASE("flash attention: new tokens behind a path of the cache", "[model]") {
  const SegmentPlan plan = continuation_plan();
  const AttentionCase in = random_case(plan, 50, {4, 2, 16}, at::kDouble, 9);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(at::kDouble));
}

TEST_CASE("flash attention: what many rows share is one sequence", "[model]") {
  const auto calls = model::flash_calls(decode_plan());
  REQUIRE(calls);
  REQUIRE(calls->size() == 2);
  const model::HostCall &shared = (*calls)[0], &single = (*calls)[1];
  CHECK(shared.key_begin == model::Ints{10, 45, 120, 127});
  CHECK(shared.key_size == model::Ints{35, 4, 7});
  CHECK(shared.token == model::Ints{0, 1, 2, 0, 2, 3, 4});
  CHECK(single.key_begin == model::Ints{49, 70, 90, 150, 160, 161});
  CHECK(single.token == model::Ints{0, 1, 2, 3, 4});
}

TEST_CASE("flash attention: a forest's prompt is one sequence for all of its responses", "[model]") {
  SegmentPlan plan;
  add_segment(plan, 5, {{0, 5}});
  add_segment(plan, 3, {{0, 8}});
  add_segment(plan, 2, {{0, 5}, {8, 10}});
  const auto calls = model::flash_calls(plan);
  REQUIRE(calls->size() == 2);
  CHECK((*calls)[0].is_causal);
  CHECK((*calls)[0].query_offset == model::Ints{0, 5, 8, 10});
  CHECK((*calls)[1].key_size == model::Ints{5});
  CHECK((*calls)[1].token == model::Ints{5, 6, 7, 8, 9});
}

TEST_CASE("flash attention: prompts alone are one call without copies", "[model]") {
  SegmentPlan plan;
  add_segment(plan, 7, {{0, 7}});
  add_segment(plan, 4, {{7, 11}});
  const auto flash = model::plan_flash(plan, 11, at::kCPU, true);
  REQUIRE(flash->calls.size() == 1);
  CHECK_FALSE(flash->calls[0].token_M.defined());
  CHECK_FALSE(flash->calls[0].slot_L.defined());
  CHECK(flash->passes.size() == 1);
  CHECK_FALSE(flash->passes[0].part_P.defined());
  const AttentionCase in = random_case(plan, 11, {4, 2, 16}, at::kDouble, 10);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(at::kDouble));
  const AttentionCase in_cache = random_case(plan, 30, {4, 2, 16}, at::kDouble, 10);
  check_close(run(in_cache, plan), reference_attention(in_cache, plan), tolerance(at::kDouble));
}

TEST_CASE("flash attention: a call has at most 1,024 sequences", "[model]") {
  SegmentPlan plan;
  for (std::int32_t row = 0; row < 1500; ++row) add_segment(plan, 1, {{2 * row, 2 * row + 1}});
  const auto calls = model::flash_calls(plan);
  REQUIRE(calls->size() == 2);
  CHECK((*calls)[0].key_size.size() == 1024);
  const AttentionCase in = random_case(plan, 3000, {2, 1, 8}, at::kDouble, 11);
  // One key: the output is its value.
  CHECK(difference(run(in, plan).output,
                   in.value.index_select(0, at::arange(0, 3000, 2)).expand({1500, 2, 8})) < 1e-15);
}

TEST_CASE("flash attention: empty ranges and ranges cut in two change no bit", "[model]") {
  const SegmentPlan plan = continuation_plan();
  SegmentPlan cut;
  add_segment(cut, 3, {{5, 5}, {0, 4}, {4, 10}, {20, 24}, {24, 25}});
  add_segment(cut, 4, {{0, 10}, {11, 11}, {30, 34}, {34, 34}});
  add_segment(cut, 1, {{20, 21}, {21, 22}});
  add_segment(cut, 2, {{40, 43}});
  const AttentionCase in = random_case(plan, 50, {4, 2, 16}, at::kFloat, 12);
  const AttentionAnswer a = run(in, cut), b = run(in, plan);
  CHECK(at::equal(a.output, b.output));
  CHECK(at::equal(a.grad_query, b.grad_query));
  CHECK(at::equal(a.grad_key, b.grad_key));
}

TEST_CASE("flash attention: own tokens that are not contiguous, or none at all, need another path",
          "[model]") {
  SegmentPlan plan;
  add_segment(plan, 3, {{0, 10}, {20, 22}});
  CHECK_FALSE(model::plan_flash(plan, 30, at::kCPU, true));
  CHECK_FALSE(model::plan_flash(model::plan_sequence({}), 4, at::kCPU, true));
}

TEST_CASE("libtorch_flash_takes: bfloat16 heads of up to 256 numbers, a multiple of 8, on CUDA", "[model]") {
  const auto heads = at::TensorOptions().dtype(at::kBFloat16).device(at::kCUDA);
  CHECK(model::libtorch_flash_takes(heads, 128));
  CHECK_FALSE(model::libtorch_flash_takes(heads, 36));
  CHECK_FALSE(model::libtorch_flash_takes(heads, 264));
  CHECK_FALSE(model::libtorch_flash_takes(heads.dtype(at::kFloat), 128));
  CHECK_FALSE(model::libtorch_flash_takes(heads.device(at::kCPU), 128));
}

TEST_CASE("plan_attention: a plan made once gives the bits of one made for the call", "[model]") {
  const SegmentPlan plan = random_forest_plan(13);
  const AttentionCase in = random_case(plan, plan.tokens(), {6, 2, 16}, at::kFloat, 13);
  const auto ready = model::plan_attention(plan, plan.tokens(), in.query.options(), 16);
  CHECK_FALSE(ready->flash);  // there is no such kernel on the CPU
  CHECK(at::equal(model::segment_attention(in.query, in.key, in.value, ready),
                  model::segment_attention(in.query, in.key, in.value, plan)));
  CHECK_THROWS_AS(model::plan_attention(plan, plan.tokens() - 1, in.query.options(), 16), Error);
  const auto more = [](const at::Tensor& x) { return at::cat({x, x}); };
  CHECK_THROWS_AS(model::segment_attention(in.query, more(in.key), more(in.value), ready), Error);
}
