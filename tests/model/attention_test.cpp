#include "tempo/model/attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "model/attention_paths.h"
#include "model/attention_reference.h"
#include "tempo/core/error.h"

using namespace tempo;
using namespace tempo::testing;
using model::SegmentPlan;

namespace {

// float32: sums of up to 300 keys x 128 numbers of size 1, each with a relative rounding 2^-24, in chains
// whose errors partly cancel. bfloat16: inputs are exact, sums float32; what is left is the rounding of the
// result, 2^-9, and in the gradients that of the output inside D, 2^-9 times a sum of 128 numbers of size 1.
double tolerance(at::ScalarType dtype) { return dtype == at::kFloat ? 1e-5 : 0x1.0p-6; }

AttentionAnswer run(const AttentionCase& in, const SegmentPlan& plan) {
  const auto leaf = [](const at::Tensor& tensor) { return tensor.detach().requires_grad_(true); };
  const at::Tensor query = leaf(in.query), key = leaf(in.key), value = leaf(in.value);
  const at::Tensor output = model::segment_attention(query, key, value, plan);
  output.backward(in.grad_output);
  return {output.detach(), query.grad(), key.grad(), value.grad()};
}

void check_close(const AttentionAnswer& got, const AttentionAnswer& expected, double limit) {
  CHECK(difference(got.output, expected.output) < limit);
  CHECK(difference(got.grad_query, expected.grad_query) < limit);
  CHECK(difference(got.grad_key, expected.grad_key) < limit);
  CHECK(difference(got.grad_value, expected.grad_value) < limit);
}

void check_same_bits(const AttentionAnswer& a, const AttentionAnswer& b) {
  CHECK(at::equal(a.output, b.output));
  CHECK(at::equal(a.grad_query, b.grad_query));
  CHECK(at::equal(a.grad_key, b.grad_key));
  CHECK(at::equal(a.grad_value, b.grad_value));
}

// One query a sequence, whose 70 keys lie in three ranges of a cache of 120 slots, not in order.
SegmentPlan scattered_decode_plan() {
  SegmentPlan plan;
  plan.key_ranges = {{50, 80}, {0, 35}, {100, 105}, {50, 80}, {81, 120}, {35, 36}};
  for (std::int32_t row = 0; row < 2; ++row) {
    plan.token.push_back(0);
    plan.position.push_back(69);
    plan.segments.push_back({row, row + 1, 3 * row, 3 * row + 3, 70});
  }
  plan.slot = {104, 35};
  return plan;
}

// A prompt of 150 tokens; two responses of 130, which share their first 120 tokens, then one of 1 and one
// of 90.
SegmentPlan long_prompt_plan() {
  const std::vector<std::int32_t> prompt(150), prompt_offsets{0, 150},
      response_offsets{0, 130, 260, 261, 351}, group_offsets{0, 4};
  std::vector<std::int32_t> responses(351, 1);
  std::fill_n(responses.begin() + 120, 10, 2);
  std::fill_n(responses.begin() + 250, 10, 3);
  std::fill_n(responses.begin() + 260, 1, 4);
  std::fill_n(responses.begin() + 261, 90, 5);
  return model::plan_forest(tree::build_forest({.prompt_tokens = prompt,
                                                .prompt_offsets = prompt_offsets,
                                                .response_tokens = responses,
                                                .response_offsets = response_offsets,
                                                .group_offsets = group_offsets}));
}

// Causal attention of one sequence by torch, as many key-value heads as query heads.
AttentionAnswer run_torch(const AttentionCase& in) {
  const auto leaf = [](const at::Tensor& tensor) { return tensor.transpose(0, 1).unsqueeze(0).detach(); };
  const at::Tensor query = leaf(in.query).requires_grad_(true), key = leaf(in.key).requires_grad_(true),
                   value = leaf(in.value).requires_grad_(true);
  const at::Tensor output = at::scaled_dot_product_attention(query, key, value, {}, 0.0, true);
  output.backward(leaf(in.grad_output));
  const auto back = [](const at::Tensor& tensor) { return tensor.squeeze(0).transpose(0, 1); };
  return {back(output.detach()), back(query.grad()), back(key.grad()), back(value.grad())};
}

// Root of the mean square of the differences.
double error_size(const at::Tensor& got, const at::Tensor& exact) {
  return (got.to(at::kDouble) - exact).square().mean().sqrt().item<double>();
}

}  // namespace

TEST_CASE("segment_attention: equals the definition in double precision on random forests", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const auto size = GENERATE(AttentionSize{4, 4, 16}, AttentionSize{9, 3, 64}, AttentionSize{3, 1, 80},
                             AttentionSize{8, 2, 128}, AttentionSize{2, 1, 7});
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(size.heads, size.width, seed);
  const SegmentPlan plan = random_forest_plan(seed);
  const AttentionCase in = random_case(plan, plan.tokens(), size, dtype, seed);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(dtype));
}

TEST_CASE("segment_attention: equals the definition on a sequence of many tiles and blocks", "[model]") {
  const SegmentPlan plan = model::plan_sequence(std::vector<std::int32_t>(300));
  const AttentionCase in = random_case(plan, 300, {3, 1, 16}, at::kFloat, 4);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(at::kFloat));
}

TEST_CASE("segment_attention: reads a cache whose ranges are scattered, and unused slots get no gradient",
          "[model]") {
  const SegmentPlan plan = scattered_decode_plan();
  AttentionCase in = random_case(plan, 120, {6, 2, 32}, at::kFloat, 5);
  const AttentionAnswer expected = reference_attention(in, plan);
  in.key[80].fill_(std::nan(""));  // a slot never written
  const AttentionAnswer got = run(in, plan);
  check_close(got, expected, tolerance(at::kFloat));
  CHECK(got.grad_key[80].count_nonzero().item<std::int64_t>() == 0);
}

TEST_CASE("segment_attention: an empty range changes nothing", "[model]") {
  SegmentPlan plan = scattered_decode_plan(), with_empty = plan;
  with_empty.key_ranges = {{7, 7}, {50, 80}, {0, 35}, {100, 105}, {50, 80}, {81, 81}, {81, 120}, {35, 36}};
  with_empty.segments[0].range_end = with_empty.segments[1].range_begin = 4;
  with_empty.segments[1].range_end = 8;
  const AttentionCase in = random_case(plan, 120, {6, 2, 32}, at::kFloat, 6);
  check_same_bits(run(in, with_empty), run(in, plan));
}

TEST_CASE("segment_attention: no tokens give no rows", "[model]") {
  const SegmentPlan plan = model::plan_sequence({});
  const AttentionCase in = random_case(plan, 4, {6, 2, 32}, at::kFloat, 7);
  const AttentionAnswer got = run(in, plan);
  CHECK(got.output.sizes() == at::IntArrayRef({0, 6, 32}));
  CHECK(got.grad_key.count_nonzero().item<std::int64_t>() == 0);
}

TEST_CASE("segment_attention: kernels and operators agree", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const SegmentPlan plan =
      GENERATE(random_forest_plan(8, 40), model::plan_sequence(std::vector<std::int32_t>(600)));
  const AttentionCase in = random_case(plan, plan.tokens(), {9, 3, 64}, dtype, 8);
  const model::AttentionInputs inputs{in.query, in.key, in.value};
  const auto a = model::attention_by_operators(inputs, plan), b = model::attention_by_kernels(inputs, plan);
  CHECK(difference(a.logsumexp_TH, b.logsumexp_TH) < tolerance(at::kFloat));
  const auto a_grad = model::attention_backward_by_operators(inputs, a, in.grad_output, plan);
  const auto b_grad = model::attention_backward_by_kernels(inputs, b, in.grad_output, plan);
  check_close({a.output_THE, a_grad.query_THE, a_grad.key_SKE, a_grad.value_SKE},
              {b.output_THE, b_grad.query_THE, b_grad.key_SKE, b_grad.value_SKE}, tolerance(dtype));
}

TEST_CASE("segment_attention: responses that share a long prompt equal the definition", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const SegmentPlan plan = long_prompt_plan();
  const AttentionCase in = random_case(plan, plan.tokens(), {6, 2, 64}, dtype, 14);
  check_close(run(in, plan), reference_attention(in, plan), tolerance(dtype));
}

TEST_CASE("segment_attention: gradients in bfloat16 are as exact as those of torch's attention", "[model]") {
  const std::int64_t tokens = GENERATE(100, 400);
  const SegmentPlan plan = model::plan_sequence(std::vector<std::int32_t>(static_cast<std::size_t>(tokens)));
  const AttentionCase in = random_case(plan, tokens, {4, 4, 64}, at::kBFloat16, 15);
  const AttentionAnswer exact = reference_attention(in, plan), ours = run(in, plan), torch = run_torch(in);
  CHECK(error_size(ours.grad_query, exact.grad_query) <
        1.05 * error_size(torch.grad_query, exact.grad_query));
  CHECK(error_size(ours.grad_key, exact.grad_key) < 1.05 * error_size(torch.grad_key, exact.grad_key));
  CHECK(error_size(ours.grad_value, exact.grad_value) <
        1.05 * error_size(torch.grad_value, exact.grad_value));
}

TEST_CASE("segment_attention: the number of threads changes no bit", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const SegmentPlan plan = GENERATE(random_forest_plan(9), long_prompt_plan(),
                                    model::plan_sequence(std::vector<std::int32_t>(600)));
  const AttentionCase in = random_case(plan, plan.tokens(), {9, 3, 64}, dtype, 9);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const AttentionAnswer one = run(in, plan);
  at::set_num_threads(3);
  const AttentionAnswer three = run(in, plan);
  at::set_num_threads(before);
  check_same_bits(one, three);
}

TEST_CASE("segment_attention: a decode step gives the bits of the row in the whole sequence", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const auto size = GENERATE(AttentionSize{9, 3, 64}, AttentionSize{2, 2, 80});
  const SegmentPlan whole = model::plan_sequence(std::vector<std::int32_t>(150));
  const AttentionCase in = random_case(whole, 150, size, dtype, 10);
  const at::Tensor all = model::segment_attention(in.query, in.key, in.value, whole);
  for (const std::int32_t t : {0, 1, 16, 63, 64, 65, 149}) {
    SegmentPlan step{{0}, {t}, {t}, {{0, 1, 0, 2, t + 1}}, {{0, t / 2}, {t / 2, t + 1}}};
    const at::Tensor row = model::segment_attention(in.query.narrow(0, t, 1), in.key, in.value, step);
    CHECK(at::equal(row[0], all[t]));
  }
}

TEST_CASE("segment_attention: a row's bits do not depend on where its keys stand", "[model]") {
  const SegmentPlan plan = model::plan_sequence(std::vector<std::int32_t>(90));
  SegmentPlan moved = plan;
  moved.key_ranges = {{70, 120}, {10, 50}};
  moved.segments[0].range_end = 2;
  const AttentionCase in = random_case(plan, 90, {6, 2, 48}, at::kBFloat16, 11);
  const auto move = [](const at::Tensor& rows) {
    const at::Tensor cache = at::full({130, 2, 48}, std::nan(""), rows.options());
    cache.narrow(0, 70, 50).copy_(rows.narrow(0, 0, 50));
    cache.narrow(0, 10, 40).copy_(rows.narrow(0, 50, 40));
    return cache;
  };
  CHECK(at::equal(model::segment_attention(in.query, move(in.key), move(in.value), moved),
                  model::segment_attention(in.query, in.key, in.value, plan)));
}

TEST_CASE("segment_attention: reads views into one fused projection", "[model]") {
  const SegmentPlan plan = random_forest_plan(12);
  const AttentionCase in = random_case(plan, plan.tokens(), {6, 2, 16}, at::kFloat, 12);
  const at::Tensor fused = at::cat({in.query, in.key, in.value}, 1);
  const AttentionCase views{fused.narrow(1, 0, 6), fused.narrow(1, 6, 2), fused.narrow(1, 8, 2),
                            in.grad_output.transpose(0, 1).contiguous().transpose(0, 1)};
  check_same_bits(run(views, plan), run(in, plan));
}

TEST_CASE("segment_attention: what does not fit is an error", "[model]") {
  const SegmentPlan plan = model::plan_sequence({1, 2, 3});
  const AttentionCase in = random_case(plan, 3, {6, 2, 16}, at::kFloat, 13);
  const auto attend = [&](const at::Tensor& query, const at::Tensor& key, const SegmentPlan& with) {
    return model::segment_attention(query, key, key, with);
  };
  CHECK_THROWS_AS(attend(in.query.narrow(0, 0, 2), in.key, plan), Error);
  CHECK_THROWS_AS(attend(in.query.narrow(1, 0, 5), in.key, plan), Error);
  CHECK_THROWS_AS(attend(in.query, in.key.narrow(2, 0, 8), plan), Error);
  CHECK_THROWS_AS(attend(in.query, in.key.narrow(0, 0, 2), plan), Error);
  CHECK_THROWS_AS(attend(in.query, in.key.to(at::kBFloat16), plan), Error);
  CHECK_THROWS_AS(attend(in.query.to(at::kDouble), in.key.to(at::kDouble), plan), Error);
  SegmentPlan uncovered = plan;
  uncovered.segments[0].query_end = 2;
  CHECK_THROWS_AS(attend(in.query, in.key, uncovered), Error);
  SegmentPlan too_few = plan;
  too_few.segments[0].keys = too_few.key_ranges[0].end = 2;
  CHECK_THROWS_AS(attend(in.query, in.key, too_few), Error);
}
