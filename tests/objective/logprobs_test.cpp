#include "tempo/objective/logprobs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cstdint>
#include <vector>

#include "support/finite_differences.h"
#include "support/golden.h"
#include "tempo/core/error.h"

using Catch::Matchers::Message;
using tempo::objective::LogprobOptions;
using tempo::objective::Logprobs;
using tempo::objective::token_logprobs;
using tempo::testing::error_ratio;

namespace {

constexpr std::int64_t kRows = 6, kVocabulary = 50, kWidth = 8;

struct Inputs {
  at::Tensor hidden, weight;
  at::Tensor row =
      at::tensor(std::vector<std::int64_t>{0, 0, 0, 2, 3, 3, 5, 5});  // rows repeat, 1 and 4 miss
  at::Tensor target = at::tensor(std::vector<std::int64_t>{7, 9, 7, 0, 49, 1, 3, 3});  // pairs repeat
  at::Tensor d_logp = at::randn({8}, at::kDouble), d_entropy = at::randn({8}, at::kDouble);
};

// Multiples of 1/4 in [-1, 1]: a product of 8 is a multiple of 1/16 of size at most 8, exact in bfloat16 and
// in any order, so that all that follows is comparable to float32 accuracy.
Inputs inputs(at::ScalarType dtype) {
  at::manual_seed(21);
  const auto draw = [&](std::int64_t rows) { return (at::randint(-4, 5, {rows, kWidth}) / 4.0).to(dtype); };
  return {.hidden = draw(kRows).requires_grad_(), .weight = draw(kVocabulary).requires_grad_()};
}

struct Outcome {
  at::Tensor logp, entropy, d_hidden, d_weight;
};

void backward(const Inputs& x, const at::Tensor& logp, const at::Tensor& entropy) {
  ((logp * x.d_logp).sum() + (entropy * x.d_entropy).sum()).backward();
}

// [N, V] log-probabilities by log_softmax in double.
Outcome reference(const Inputs& x, double temperature) {
  const at::Tensor hidden = x.hidden.detach().to(at::kDouble).requires_grad_();
  const at::Tensor weight = x.weight.detach().to(at::kDouble).requires_grad_();
  const at::Tensor all = (hidden.index_select(0, x.row).mm(weight.t()) / temperature).log_softmax(1);
  const at::Tensor logp = all.gather(1, x.target.unsqueeze(1)).squeeze(1);
  const at::Tensor entropy = -(all.exp() * all).sum(1);
  backward(x, logp, entropy);
  return {logp.detach(), entropy.detach(), hidden.grad(), weight.grad()};
}

Outcome ours(const Inputs& x, const LogprobOptions& options) {
  x.hidden.mutable_grad().reset();
  x.weight.mutable_grad().reset();
  const Logprobs result = token_logprobs(x.hidden, x.weight, x.row, x.target, options);
  backward(x, result.logp_N, result.entropy_N);
  return {result.logp_N.detach(), result.entropy_N.detach(), x.hidden.grad(), x.weight.grad()};
}

constexpr double kFloatEpsilon = 0x1p-23;
// Logarithms below 16 and sums of 50 terms: 16 + 50 roundings. Gradients add at most 8 targets x 50 such
// terms.
constexpr double kLogpTolerance = 66 * kFloatEpsilon, kGradientTolerance = 400 * kFloatEpsilon;

}  // namespace

TEST_CASE("token_logprobs: equals log_softmax in float32 for any chunk size", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  for (const double temperature : {1.0, 0.7}) {
    const Outcome expected = reference(x, temperature);
    for (const std::int64_t chunk_rows : {1, 3, 512}) {
      INFO("temperature " << temperature << ", chunk_rows " << chunk_rows);
      const Outcome got = ours(x, {.temperature = temperature, .chunk_rows = chunk_rows});
      CHECK(got.logp.scalar_type() == at::kFloat);
      CHECK(error_ratio(got.logp, expected.logp, 0, kLogpTolerance) <= 1);
      CHECK(error_ratio(got.entropy, expected.entropy, 0, kLogpTolerance) <= 1);
      CHECK(error_ratio(got.d_hidden, expected.d_hidden, 0, kGradientTolerance) <= 1);
      CHECK(error_ratio(got.d_weight, expected.d_weight, 0, kGradientTolerance) <= 1);
    }
  }
}

TEST_CASE("token_logprobs: bfloat16 rounds products, not reductions", "[objective]") {
  const Inputs x = inputs(at::kBFloat16);
  const Outcome expected = reference(x, 0.7);
  for (const std::int64_t chunk_rows : {1, 3, 512}) {
    INFO("chunk_rows " << chunk_rows);
    const Outcome got = ours(x, {.temperature = 0.7, .chunk_rows = chunk_rows});
    CHECK(got.logp.scalar_type() == at::kFloat);
    CHECK(error_ratio(got.logp, expected.logp, 0, kLogpTolerance) <= 1);
    CHECK(error_ratio(got.entropy, expected.entropy, 0, kLogpTolerance) <= 1);
    // Each gradient by a logit is rounded to bfloat16, 2^-9 of it, and so are the products. Those gradients
    // add up to at most 2 |d_logp| + |d_entropy| 2 log(50) below 16 a row, times a factor of size at most 1;
    // a weight's has one such term from each of four rows, smaller than the row's sum.
    CHECK(error_ratio(got.d_hidden, expected.d_hidden, 0x1p-8, 16 * 0x1p-9) <= 1);
    CHECK(error_ratio(got.d_weight, expected.d_weight, 0x1p-8, 16 * 0x1p-9) <= 1);
  }
}

TEST_CASE("token_logprobs: weight gradients of many chunks add in float32", "[objective]") {
  constexpr std::int64_t kChunks = 2000;  // adding 1 in bfloat16 stops at 256
  const at::Tensor hidden = at::ones({kChunks, 1}, at::kBFloat16);
  const at::Tensor weight = at::zeros({2, 1}, at::kBFloat16).requires_grad_();
  const at::Tensor target = at::zeros({kChunks}, at::kLong);
  const Logprobs result = token_logprobs(hidden, weight, at::arange(kChunks), target, {.chunk_rows = 1});
  result.logp_N.sum().backward();
  CHECK(at::equal(weight.grad(), at::tensor({1000.0F, -1000.0F}).view({2, 1}).to(at::kBFloat16)));
}

TEST_CASE("token_logprobs: gradients equal finite differences in double", "[objective]") {
  const Inputs x = inputs(at::kDouble);
  const auto value = [&](const std::vector<at::Tensor>& in) {
    const Logprobs got = token_logprobs(in[0], in[1], x.row, x.target, {.temperature = 1.3, .chunk_rows = 2});
    return (got.logp_N * x.d_logp).sum() + (got.entropy_N * x.d_entropy).sum();
  };
  CHECK(tempo::testing::gradient_error(value, {x.hidden, x.weight}) < 1e-8);
}

TEST_CASE("token_logprobs: one result alone gives its part of the gradient", "[objective]") {
  Inputs x = inputs(at::kDouble);
  const Outcome both = ours(x, {});
  const auto part = [&](bool use_logp) {
    x.hidden.mutable_grad().reset();
    const Logprobs got = token_logprobs(x.hidden, x.weight.detach(), x.row, x.target);
    (use_logp ? got.logp_N * x.d_logp : got.entropy_N * x.d_entropy).sum().backward();
    return x.hidden.grad();
  };
  const at::Tensor sum = part(true) + part(false);
  CHECK(error_ratio(sum, both.d_hidden, 0, 1e-13) <= 1);
}

TEST_CASE("token_logprobs: a weight that is also the embedding gets both gradients", "[objective]") {
  const Inputs x = inputs(at::kDouble);
  const at::Tensor token = at::arange(kRows);
  const auto tied = [&](const std::vector<at::Tensor>& in) {
    return (token_logprobs(in[0].index_select(0, token), in[0], x.row, x.target).logp_N * x.d_logp).sum();
  };
  CHECK(tempo::testing::gradient_error(tied, {x.weight}) < 1e-8);
}

TEST_CASE("token_logprobs: no graph where no gradient is wanted", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  at::NoGradGuard no_grad;
  const Logprobs got = token_logprobs(x.hidden, x.weight, x.row, x.target);
  CHECK_FALSE(got.logp_N.requires_grad());
  CHECK(got.logp_N.grad_fn() == nullptr);
}

TEST_CASE("token_logprobs: no targets give empty results and zero gradients", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  const at::Tensor none = at::zeros({0}, at::kLong);
  const Logprobs got = token_logprobs(x.hidden, x.weight, none, none);
  CHECK(got.logp_N.sizes() == at::IntArrayRef{0});
  (got.logp_N.sum() + got.entropy_N.sum()).backward();
  CHECK(x.hidden.grad().eq(0).all().item<bool>());
}

TEST_CASE("token_logprobs: large logits neither overflow nor lose the target", "[objective]") {
  const at::Tensor hidden = at::full({1, 1}, 1e4F).requires_grad_();
  const at::Tensor weight = at::tensor({1.0F, -1.0F, 0.5F}).view({3, 1});
  const Logprobs got = token_logprobs(hidden, weight, at::tensor(std::vector<std::int64_t>{0, 0}),
                                      at::tensor(std::vector<std::int64_t>{0, 1}));
  CHECK(at::equal(got.logp_N.detach(), at::tensor({0.0F, -2e4F})));
  (got.logp_N.sum() + got.entropy_N.sum()).backward();
  CHECK(hidden.grad().item<float>() == -2.0F);
}

TEST_CASE("token_logprobs: same bits with one and two threads", "[objective]") {
  at::manual_seed(8);
  Inputs x = inputs(at::kFloat);
  x.hidden = at::randn({kRows, 64}).requires_grad_();
  x.weight = at::randn({5000, 64}).requires_grad_();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Outcome one = ours(x, {});
  at::set_num_threads(2);
  const Outcome two = ours(x, {});
  at::set_num_threads(threads);
  CHECK(at::equal(one.logp, two.logp));
  CHECK(at::equal(one.entropy, two.entropy));
  CHECK(at::equal(one.d_weight, two.d_weight));
}

TEST_CASE("token_logprobs: second derivatives are refused", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  const at::Tensor sum = token_logprobs(x.hidden, x.weight, x.row, x.target).logp_N.sum();
  CHECK_THROWS_AS(torch::autograd::grad({sum}, {x.hidden}, {}, true, /*create_graph=*/true), tempo::Error);
}

TEST_CASE("token_logprobs: indices outside and rows that fall are named", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  const auto message = [&](std::vector<std::int64_t> row, std::vector<std::int64_t> target,
                           const char* text) {
    CHECK_THROWS_MATCHES(token_logprobs(x.hidden, x.weight, at::tensor(row), at::tensor(target)),
                         tempo::Error, Message(text));
  };
  message({0, 3, 2}, {0, 0, 0}, "token_logprobs: expected rows that never fall, got 2 after 3");
  message({0, 6}, {0, 0}, "token_logprobs: expected rows of [0, 6), got 6");
  message({-1}, {0}, "token_logprobs: expected rows of [0, 6), got -1");
  message({0}, {50}, "token_logprobs: expected targets of [0, 50), got 50");
  message({0}, {-1}, "token_logprobs: expected targets of [0, 50), got -1");
  message({0, 1}, {0}, "token_logprobs: expected row [N] and target [N], got [2] and [1]");
}

TEST_CASE("token_logprobs: shapes, dtypes and options that do not fit are named", "[objective]") {
  const Inputs x = inputs(at::kFloat);
  CHECK_THROWS_MATCHES(
      token_logprobs(x.hidden, at::zeros({50, 7}), x.row, x.target), tempo::Error,
      Message("token_logprobs: expected hidden [T, D] and weight [V, D], got [6, 8] and [50, 7]"));
  CHECK_THROWS_MATCHES(
      token_logprobs(x.hidden, x.weight.to(at::kBFloat16), x.row, x.target), tempo::Error,
      Message("token_logprobs: expected hidden and weight of one floating dtype, got Float and "
              "BFloat16"));
  CHECK_THROWS_MATCHES(token_logprobs(x.hidden, x.weight, x.row.to(at::kInt), x.target), tempo::Error,
                       Message("token_logprobs: expected row and target of int64, got Int and Long"));
  CHECK_THROWS_MATCHES(token_logprobs(x.hidden, x.weight, x.row, x.target, {.temperature = 0}), tempo::Error,
                       Message("token_logprobs: expected a finite temperature above 0, got 0"));
  CHECK_THROWS_MATCHES(token_logprobs(x.hidden, x.weight, x.row, x.target, {.chunk_rows = 0}), tempo::Error,
                       Message("token_logprobs: expected chunk_rows 1 or more, got 0"));
}
