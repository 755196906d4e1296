// The loss in one pass against the two functions that it joins, and against the definition in double.
#include "tempo/objective/policy_loss.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/finite_differences.h"
#include "support/golden.h"
#include "tempo/core/error.h"
#include "tempo/model/products.h"

using Catch::Matchers::Message;
using tempo::objective::clipped_loss;
using tempo::objective::LogprobOptions;
using tempo::objective::Loss;
using tempo::objective::LossOptions;
using tempo::objective::LossStats;
using tempo::objective::NodeBatch;
using tempo::objective::policy_loss;
using tempo::objective::token_logprobs;
using tempo::testing::error_ratio;

namespace {

constexpr std::int64_t kRows = 12, kVocabulary = 50, kWidth = 8;

struct Inputs {
  at::Tensor hidden, weight, ref_logp;
  NodeBatch batch;
};

// Multiples of 1/4 in [-1, 1]: a product of 8 is a multiple of 1/16 of size at most 8, exact in bfloat16 and
// in any order, so that the logits are the same in every dtype. Rows repeat, and some miss.
Inputs inputs(at::ScalarType dtype, std::uint64_t seed = 21) {
  at::manual_seed(seed);
  const auto draw = [&](std::int64_t rows) { return (at::randint(-4, 5, {rows, kWidth}) / 4.0).to(dtype); };
  const at::Tensor row =
      at::tensor(std::vector<std::int64_t>{0, 0, 0, 1, 2, 4, 4, 5, 6, 7, 7, 8, 8, 8, 8, 9, 11, 11});
  const std::int64_t nodes = row.size(0);
  const at::Tensor target = at::randint(0, kVocabulary, {nodes}, at::kLong);
  const at::Tensor positive = at::rand({nodes}) * (at::rand({nodes}) < 0.6);
  const at::Tensor negative = at::rand({nodes}) * (at::rand({nodes}) < 0.6);
  const at::Tensor count = at::randint(1, 5, {nodes});
  Inputs x{.hidden = draw(kRows).requires_grad_(),
           .weight = draw(kVocabulary).requires_grad_(),
           .ref_logp = {},
           .batch = {}};
  const at::NoGradGuard no_grad;
  const at::Tensor logp =
      token_logprobs(x.hidden.to(at::kDouble), x.weight.to(at::kDouble), row, target).logp_N.to(at::kFloat);
  // Ratios from 1/e to e stand on both sides of every clip.
  x.ref_logp = logp + 0.3 * at::randn({nodes});
  x.batch = {.node = at::arange(nodes),
             .row = row,
             .target = target,
             .old_logp = logp + at::arange(nodes).remainder(5) * 0.5 - 1,
             .positive = positive,
             .negative = negative,
             .weight = at::rand({nodes}),
             .count = count.to(at::kFloat),
             .positive_count = (positive > 0).to(at::kFloat),
             .negative_count = (negative > 0).to(at::kFloat)};
  return x;
}

const std::vector<LossOptions>& cases() {
  static const std::vector<LossOptions> all{
      {},
      {.clip_low = 0.1, .clip_high = 0.28, .dual_clip = 1.5},
      {.kl_coefficient = 0.5},
      {.entropy_coefficient = 0.3},
      {.clip_high = 0.5, .dual_clip = 2.0, .kl_coefficient = 0.1, .entropy_coefficient = -0.2}};
  return all;
}

struct Outcome {
  Loss loss;
  at::Tensor d_hidden, d_weight;
};

// Runs compute(hidden, weight) on leaves of a dtype, and the backward pass of `scale` times its value.
template <typename Compute>
Outcome outcome(const Inputs& x, at::ScalarType dtype, const Compute& compute, double scale = 1) {
  const at::Tensor hidden = x.hidden.detach().to(dtype, false, true).requires_grad_();
  const at::Tensor weight = x.weight.detach().to(dtype, false, true).requires_grad_();
  Outcome out{.loss = compute(hidden, weight), .d_hidden = {}, .d_weight = {}};
  (out.loss.value * scale).backward();
  out.d_hidden = hidden.grad();
  out.d_weight = weight.grad();
  return out;
}

Outcome ours(const Inputs& x, const LossOptions& options, const LogprobOptions& logits, double scale = 1) {
  const auto compute = [&](const at::Tensor& hidden, const at::Tensor& weight) {
    return policy_loss(hidden, weight, x.batch, x.ref_logp, options, logits);
  };
  return outcome(x, x.hidden.scalar_type(), compute, scale);
}

Outcome in_two_steps(const Inputs& x, const LossOptions& options, const LogprobOptions& logits) {
  return outcome(x, x.hidden.scalar_type(), [&](const at::Tensor& hidden, const at::Tensor& weight) {
    const auto got = token_logprobs(hidden, weight, x.batch.row, x.batch.target, logits);
    return clipped_loss(x.batch, got.logp_N, got.entropy_N, x.ref_logp, options);
  });
}

// By log_softmax of all logits, in double.
Outcome by_definition(const Inputs& x, const LossOptions& options, double temperature) {
  return outcome(x, at::kDouble, [&](const at::Tensor& hidden, const at::Tensor& weight) {
    const at::Tensor all = (hidden.index_select(0, x.batch.row).mm(weight.t()) / temperature).log_softmax(1);
    const at::Tensor logp = all.gather(1, x.batch.target.unsqueeze(1)).squeeze(1);
    return clipped_loss(x.batch, logp, -(all.exp() * all).sum(1), x.ref_logp, options);
  });
}

Inputs on_cuda(Inputs x) {
  NodeBatch& b = x.batch;
  for (at::Tensor* const tensor :
       {&x.hidden, &x.weight, &x.ref_logp, &b.node, &b.row, &b.target, &b.old_logp, &b.positive, &b.negative,
        &b.weight, &b.count, &b.positive_count, &b.negative_count})
    *tensor = tensor->detach().to(at::kCUDA);
  return x;
}

void check_stats(const LossStats& got, const LossStats& expected, double relative) {
  const auto close = [&](double a, double b) { return std::abs(a - b) <= relative * (1 + std::abs(b)); };
  CHECK(got.tokens == expected.tokens);
  CHECK(got.clipped_low == expected.clipped_low);
  CHECK(got.clipped_high == expected.clipped_high);
  CHECK(got.clipped_dual == expected.clipped_dual);
  CHECK(close(got.kl, expected.kl));
  CHECK(close(got.entropy, expected.entropy));
  CHECK(close(got.logp_difference_max, expected.logp_difference_max));
}

// Errors relative to the largest gradient.
void check_close(const Outcome& got, const Outcome& expected, double value_error, double gradient_error) {
  const double value = expected.loss.value.item<double>();
  CHECK(std::abs(got.loss.value.item<double>() - value) <= value_error * std::max(1.0, std::abs(value)));
  const auto largest = [](const at::Tensor& x) { return x.abs().max().item<double>(); };
  CHECK(error_ratio(got.d_hidden, expected.d_hidden, 0, gradient_error * largest(expected.d_hidden)) <= 1);
  CHECK(error_ratio(got.d_weight, expected.d_weight, 0, gradient_error * largest(expected.d_weight)) <= 1);
}

}  // namespace

TEST_CASE("policy_loss: equals the loss of the log-probabilities", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const std::int64_t chunk_rows = GENERATE(1, 3, 512);
  // Both multiply and weigh alike; the float32 sums of a row's four targets may run in another order, 2^-22,
  // and change how a gradient by a logit is rounded to bfloat16: 2^-8 of it.
  const double error = dtype == at::kDouble ? 1e-14 : 0x1p-22;
  const double gradient_error = dtype == at::kBFloat16 ? 0x1p-8 : 4 * error;
  LossStats seen;
  for (const LossOptions& options : cases()) {
    for (const double temperature : {1.0, 0.7}) {
      CAPTURE(dtype, chunk_rows, temperature, options.kl_coefficient, options.entropy_coefficient);
      const LogprobOptions logits{.temperature = temperature, .chunk_rows = chunk_rows};
      const Inputs x = inputs(dtype);
      const Outcome got = ours(x, options, logits), expected = in_two_steps(x, options, logits);
      CHECK(got.loss.value.scalar_type() == expected.loss.value.scalar_type());
      CHECK(got.d_hidden.scalar_type() == dtype);
      CHECK(got.d_weight.scalar_type() == dtype);
      check_close(got, expected, error, gradient_error);
      check_stats(got.loss.stats, expected.loss.stats, error);
      seen += got.loss.stats;
    }
  }
  CAPTURE(seen.clipped_low, seen.clipped_high, seen.clipped_dual);
  CHECK(std::min({seen.clipped_low, seen.clipped_high, seen.clipped_dual}) > 2);  // every clip was met
}

TEST_CASE("policy_loss: equals its definition in double", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  // Log-probabilities of size 8 and sums of 50 terms: 66 roundings of 2^-23, at most, and the ratio's share
  // of them; bfloat16: a gradient by a logit and the result are rounded, 2^-8 each.
  const double error = dtype == at::kDouble ? 1e-13 : 66 * 0x1p-23;
  const double gradient_error = dtype == at::kBFloat16 ? 2 * 0x1p-8 : 4 * error;
  for (const LossOptions& options : cases()) {
    for (const double temperature : {1.0, 0.7}) {
      CAPTURE(dtype, temperature, options.kl_coefficient, options.entropy_coefficient);
      const Inputs x = inputs(dtype);
      const Outcome got = ours(x, options, {.temperature = temperature, .chunk_rows = 3});
      const Outcome expected = by_definition(x, options, temperature);
      check_close(got, expected, error, gradient_error);
      check_stats(got.loss.stats, expected.loss.stats, error);
    }
  }
}

// Hidden, as a device is rarely at hand.
TEST_CASE("policy_loss: a CUDA device computes what the CPU does", "[.device]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const double error = 66 * 0x1p-23;  // as against the definition
  for (const LossOptions& options : cases()) {
    CAPTURE(dtype, options.kl_coefficient, options.entropy_coefficient);
    const Inputs x = inputs(dtype);
    const LogprobOptions logits{.temperature = 0.7, .chunk_rows = 3};
    const Outcome expected = ours(x, options, logits);
    Outcome got = ours(on_cuda(x), options, logits);
    got.d_hidden = got.d_hidden.cpu(), got.d_weight = got.d_weight.cpu();
    check_close(got, expected, error, dtype == at::kBFloat16 ? 2 * 0x1p-8 : 4 * error);
    check_stats(got.loss.stats, expected.loss.stats, error);
  }
}

TEST_CASE("policy_loss: gradients equal finite differences in double", "[objective]") {
  const Inputs x = inputs(at::kDouble);
  for (const LossOptions& options : {cases()[1], cases().back()}) {
    const auto value = [&](const std::vector<at::Tensor>& in) {
      return policy_loss(in[0], in[1], x.batch, x.ref_logp, options, {.temperature = 1.3, .chunk_rows = 5})
          .value;
    };
    CHECK(tempo::testing::gradient_error(value, {x.hidden, x.weight}) < 1e-8);
  }
}

TEST_CASE("policy_loss: the backward pass scales the gradients", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const Inputs x = inputs(dtype);
  const Outcome one = ours(x, cases().back(), {}), zero = ours(x, cases().back(), {}, 0);
  for (const double scale : {-4.0, 0.125}) {  // powers of two round nothing
    const Outcome scaled = ours(x, cases().back(), {}, scale);
    CHECK(at::equal(scaled.d_hidden, one.d_hidden * scale));
    CHECK(at::equal(scaled.d_weight, one.d_weight * scale));
  }
  CHECK(zero.d_hidden.eq(0).all().item<bool>());
  CHECK(zero.d_weight.eq(0).all().item<bool>());
}

TEST_CASE("policy_loss: losses of several batches add up", "[objective]") {
  const Inputs x = inputs(at::kDouble), y = inputs(at::kDouble, 22);
  const auto sum = [&](const std::vector<at::Tensor>& in) {
    return policy_loss(in[0], in[1], x.batch, x.ref_logp, cases()[1]).value +
           2 * policy_loss(in[0], in[1], y.batch, y.ref_logp, cases()[3]).value;
  };
  CHECK(tempo::testing::gradient_error(sum, {x.hidden, x.weight}) < 1e-8);
}

TEST_CASE("policy_loss: only one of hidden and weight is trained", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const Inputs x = inputs(dtype);
  const Outcome both = ours(x, cases().back(), {.chunk_rows = 3});
  const auto loss = [&](const at::Tensor& hidden, const at::Tensor& weight) {
    return policy_loss(hidden, weight, x.batch, x.ref_logp, cases().back(), {.chunk_rows = 3}).value;
  };
  loss(x.hidden, x.weight.detach()).backward();
  CHECK(at::equal(x.hidden.grad(), both.d_hidden));
  loss(x.hidden.detach(), x.weight).backward();
  CHECK(at::equal(x.weight.grad(), both.d_weight));
}

TEST_CASE("policy_loss: no graph where no gradient is wanted, and the same value", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const Inputs x = inputs(dtype);
  const Loss expected = policy_loss(x.hidden, x.weight, x.batch, x.ref_logp, cases().back());
  const auto check = [&](const Loss& got) {
    CHECK_FALSE(got.value.requires_grad());
    CHECK(got.value.grad_fn() == nullptr);
    CHECK(at::equal(got.value, expected.value.detach()));
    check_stats(got.stats, expected.stats, 0);
  };
  check(policy_loss(x.hidden.detach(), x.weight.detach(), x.batch, x.ref_logp, cases().back()));
  const at::NoGradGuard no_grad;
  check(policy_loss(x.hidden, x.weight, x.batch, x.ref_logp, cases().back()));
}

TEST_CASE("policy_loss: a reference model is measured without being trained on, or left out", "[objective]") {
  Inputs x = inputs(at::kFloat);
  const Outcome with = ours(x, {}, {.chunk_rows = 3});
  CHECK(with.loss.stats.kl > 0);
  x.ref_logp.reset();
  const Outcome without = ours(x, {}, {.chunk_rows = 3});
  CHECK(without.loss.stats.kl == 0);
  CHECK(at::equal(with.loss.value, without.loss.value));
  CHECK(at::equal(with.d_hidden, without.d_hidden));
}

TEST_CASE("policy_loss: no nodes give zero and zero gradients", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  Inputs x = inputs(dtype);
  for (at::Tensor* column :
       {&x.batch.node, &x.batch.row, &x.batch.target, &x.batch.old_logp, &x.batch.positive, &x.batch.negative,
        &x.batch.weight, &x.batch.count, &x.batch.positive_count, &x.batch.negative_count, &x.ref_logp})
    *column = column->narrow(0, 0, 0);
  const Outcome got = ours(x, cases().back(), {});
  CHECK(got.loss.value.item<double>() == 0);
  CHECK(got.loss.stats.tokens == 0);
  CHECK(at::equal(got.d_hidden, at::zeros_like(x.hidden)));
  CHECK(at::equal(got.d_weight, at::zeros_like(x.weight)));
}

TEST_CASE("policy_loss: rows that predict nothing get gradient 0", "[objective]") {
  const Outcome got = ours(inputs(at::kFloat), cases().back(), {.chunk_rows = 3});
  for (const std::int64_t row : {3, 10}) CHECK(got.d_hidden[row].eq(0).all().item<bool>());
  for (const std::int64_t row : {0, 8, 11}) CHECK_FALSE(got.d_hidden[row].eq(0).all().item<bool>());
}

TEST_CASE("policy_loss: a weight that is also the embedding gets both gradients", "[objective]") {
  const Inputs x = inputs(at::kDouble);
  const at::Tensor token = at::arange(kRows);
  const auto tied = [&](const std::vector<at::Tensor>& in) {
    return policy_loss(in[0].index_select(0, token), in[0], x.batch, x.ref_logp, cases().back()).value;
  };
  CHECK(tempo::testing::gradient_error(tied, {x.weight}) < 1e-8);
}

TEST_CASE("policy_loss: same bits with one and two threads", "[objective]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  Inputs x = inputs(dtype);
  x.hidden = at::randn({kRows, 64}).to(dtype);
  x.weight = at::randn({5000, 64}).to(dtype);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Outcome one = ours(x, cases().back(), {.chunk_rows = 5});
  at::set_num_threads(2);
  const Outcome two = ours(x, cases().back(), {.chunk_rows = 5});
  at::set_num_threads(threads);
  if (tempo::model::PackedMatrix::of_weight(x.weight).panel_width() > 0) {
    CHECK(at::equal(one.loss.value, two.loss.value));
    CHECK(at::equal(one.d_hidden, two.d_hidden));
    CHECK(at::equal(one.d_weight, two.d_weight));
  }
  // Elsewhere products of 64 terms may be summed in another order, and then rounded to bfloat16.
  check_close(one, two, dtype == at::kFloat ? 1e-5 : 4 * 0x1p-8, dtype == at::kFloat ? 1e-5 : 4 * 0x1p-8);
}

TEST_CASE("policy_loss: weight gradients of many chunks add in float32", "[objective]") {
  constexpr std::int64_t kNodes = 2000;  // adding 1 in bfloat16 stops at 256
  const at::Tensor hidden = at::ones({kNodes, 1}, at::kBFloat16), zeros = at::zeros({kNodes}, at::kLong);
  const at::Tensor weight = at::zeros({2, 1}, at::kBFloat16).requires_grad_(), one = at::ones({kNodes});
  const at::Tensor old_logp = at::full({kNodes}, 0.5F).log();
  const NodeBatch batch{.node = at::arange(kNodes),
                        .row = at::arange(kNodes),
                        .target = zeros,
                        .old_logp = old_logp,
                        .positive = one,
                        .negative = one * 0,
                        .weight = one,
                        .count = one,
                        .positive_count = one,
                        .negative_count = one * 0};
  policy_loss(hidden, weight, batch, {}, {}, {.chunk_rows = 1}).value.backward();
  CHECK(at::equal(weight.grad(), at::tensor({-1000.0F, 1000.0F}).view({2, 1}).to(at::kBFloat16)));
}

TEST_CASE("policy_loss: second derivatives are refused", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  const at::Tensor value = policy_loss(x.hidden, x.weight, x.batch, x.ref_logp, {}).value;
  CHECK_THROWS_AS(torch::autograd::grad({value}, {x.hidden}, {}, true, /*create_graph=*/true), tempo::Error);
}

TEST_CASE("policy_loss: what does not fit is named", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  const auto message = [&](const Inputs& in, const LossOptions& options, const LogprobOptions& logits,
                           const char* text) {
    CHECK_THROWS_MATCHES(policy_loss(in.hidden, in.weight, in.batch, in.ref_logp, options, logits),
                         tempo::Error, Message(text));
  };
  message(x, {.clip_low = 1.5}, {}, "clip_low: expected a number of [0, 1], got 1.5");
  message(x, {}, {.temperature = 0}, "token_logprobs: expected a finite temperature above 0, got 0");
  message(x, {}, {.chunk_rows = 0}, "token_logprobs: expected chunk_rows 1 or more, got 0");
  Inputs bad = x;
  bad.weight = x.weight.narrow(1, 0, 7);
  message(bad, {}, {}, "token_logprobs: expected hidden [T, D] and weight [V, D], got [12, 8] and [50, 7]");
  bad = x;
  bad.hidden = x.hidden.narrow(0, 0, 11);
  message(bad, {}, {}, "token_logprobs: expected rows of [0, 11), got 11");
  bad = x;
  bad.batch.target = x.batch.target + 50;
  CHECK_THROWS_AS(policy_loss(bad.hidden, bad.weight, bad.batch, bad.ref_logp, {}), tempo::Error);
  bad = x;
  bad.ref_logp.reset();
  message(bad, {.kl_coefficient = 0.1}, {}, "policy_loss: expected ref_logp of shape [18], got none");
}

TEST_CASE("policy_loss: a column of another length is named", "[objective]") {
  Inputs x = inputs(at::kFloat);
  x.ref_logp = at::zeros({19});
  CHECK_THROWS_MATCHES(policy_loss(x.hidden, x.weight, x.batch, x.ref_logp, {}), tempo::Error,
                       Message("policy_loss: expected ref_logp of shape [18], got shape [19]"));
}
