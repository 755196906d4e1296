#include "tempo/objective/loss.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/finite_differences.h"
#include "tempo/core/error.h"

using Catch::Matchers::Message;
using Catch::Matchers::WithinAbs;
using tempo::objective::clipped_loss;
using tempo::objective::LossOptions;
using tempo::objective::LossStats;
using tempo::objective::NodeBatch;

namespace {

// A batch of given A+ and A-, old_logp 0 and weight 1, one response a node.
NodeBatch batch_of(const std::vector<float>& positive, const std::vector<float>& negative) {
  const auto n = static_cast<std::int64_t>(positive.size());
  const at::Tensor ones = at::ones({n}), a = at::tensor(positive), b = at::tensor(negative);
  return {.node = at::arange(n),
          .row = at::arange(n),
          .target = at::zeros({n}, at::kLong),
          .old_logp = at::zeros({n}),
          .positive = a,
          .negative = b,
          .weight = ones,
          .count = ones,
          .positive_count = (a > 0).to(at::kFloat),
          .negative_count = (b > 0).to(at::kFloat)};
}

// Logarithms of given ratios, for old_logp 0.
at::Tensor log_of(const std::vector<double>& ratios) { return at::tensor(ratios).log().to(at::kFloat); }

}  // namespace

TEST_CASE("clipped_loss: each side is clipped where it gains", "[objective]") {
  const at::Tensor logp = log_of({0.5, 1.0, 2.0, 0.5, 1.0, 2.0}).requires_grad_();
  const auto loss = clipped_loss(batch_of({1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 1}), logp, at::zeros({6}), {},
                                 {.clip_low = 0.25, .clip_high = 0.5});
  // -0.5 - 1 - 1.5 (clipped) + 0.75 (clipped) + 1 + 2; the gradient by logp is -+ the ratio, or 0.
  CHECK_THAT(loss.value.item<double>(), WithinAbs(0.75, 1e-6));
  loss.value.backward();
  CHECK(at::allclose(logp.grad(), at::tensor({-0.5F, -1.0F, 0.0F, 0.0F, 1.0F, 2.0F})));
  CHECK(loss.stats.clipped_low == 1);
  CHECK(loss.stats.clipped_high == 1);
  CHECK(loss.stats.clipped_dual == 0);
}

TEST_CASE("clipped_loss: dual clip bounds the loss of a negative advantage", "[objective]") {
  const at::Tensor logp = log_of({2.0, 4.0}).requires_grad_();
  const auto loss = clipped_loss(batch_of({0, 0}, {2, 2}), logp, at::zeros({2}), {}, {.dual_clip = 3.0});
  CHECK_THAT(loss.value.item<double>(), WithinAbs(2 * 2 + 2 * 3, 1e-5));
  loss.value.backward();
  CHECK(at::allclose(logp.grad(), at::tensor({4.0F, 0.0F})));
  CHECK(loss.stats.clipped_dual == 1);
}

TEST_CASE("clipped_loss: gradients equal finite differences in double", "[objective]") {
  at::manual_seed(1);
  NodeBatch batch = batch_of({0.5F, 0, 1.5F, 0.2F, 0, 0.7F}, {0.1F, 1, 0, 0.9F, 2, 0});
  batch.weight = at::rand({6});
  const at::Tensor logp = at::randn({6}, at::kDouble) * 0.5, entropy = at::rand({6}, at::kDouble);
  const at::Tensor ref = logp + 0.3 * at::randn({6}, at::kDouble);
  const LossOptions options{.dual_clip = 1.4, .kl_coefficient = 0.3, .entropy_coefficient = 0.2};
  const auto value = [&](const std::vector<at::Tensor>& x) {
    return clipped_loss(batch, x[0], x[1], ref, options).value;
  };
  CHECK(tempo::testing::gradient_error(value, {logp, entropy}) < 1e-8);
}

TEST_CASE("clipped_loss: k3 keeps its digits near the reference", "[objective]") {
  const at::Tensor logp = at::full({1}, -1.0F), ref = at::full({1}, -1.0F + 0x1p-12F);
  const auto loss = clipped_loss(batch_of({0}, {0}), logp, at::zeros({1}), ref, {.kl_coefficient = 1.0});
  const double x = 0x1p-12;
  // x^2 / 2 + x^3 / 6; expm1(x) - x loses about 2^-24 / x of it.
  CHECK_THAT(loss.value.item<double>(), WithinAbs(x * x / 2 + x * x * x / 6, 1e-3 * x * x));
}

TEST_CASE("clipped_loss: KL is measured without being trained", "[objective]") {
  const at::Tensor logp = at::zeros({1}).requires_grad_(), ref = at::ones({1});
  NodeBatch batch = batch_of({0}, {0});
  batch.count = at::full({1}, 3.0F);
  const auto loss = clipped_loss(batch, logp, at::zeros({1}), ref, {});
  CHECK_THAT(loss.stats.kl, WithinAbs(3 * (std::exp(1.0) - 2), 1e-6));
  CHECK(loss.value.item<double>() == 0);
  CHECK(clipped_loss(batch_of({0}, {0}), logp, at::zeros({1}), {}, {}).stats.kl == 0);
}

TEST_CASE("clipped_loss: differences that overflow the exponential give no NaN", "[objective]") {
  const at::Tensor logp = at::tensor({0.0F, -500.0F, 500.0F}).requires_grad_();
  NodeBatch batch = batch_of({1, 1, 0}, {0, 1, 0});
  batch.old_logp = at::tensor({-200.0F, 0.0F, 0.0F});
  const auto loss = clipped_loss(batch, logp, at::zeros({3}), at::zeros({3}), {.kl_coefficient = 0.1});
  loss.value.backward();
  CHECK(std::isfinite(loss.value.item<double>()));
  CHECK(at::isfinite(logp.grad()).all().item<bool>());
  CHECK(loss.stats.logp_difference_max == 500);
}

TEST_CASE("clipped_loss: a NaN log-probability is not hidden", "[objective]") {
  const at::Tensor logp = at::full({1}, std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isnan(clipped_loss(batch_of({1}, {0}), logp, at::zeros({1}), {}, {}).value.item<double>()));
}

TEST_CASE("clipped_loss: no nodes give zero, with a graph", "[objective]") {
  const at::Tensor logp = at::zeros({0}).requires_grad_();
  const auto loss = clipped_loss(batch_of({}, {}), logp, at::zeros({0}), {}, {});
  CHECK(loss.value.item<double>() == 0);
  CHECK_NOTHROW(loss.value.backward());
  CHECK(loss.stats.tokens == 0);
}

TEST_CASE("clipped_loss: second derivatives of float32 are refused", "[objective]") {
  const at::Tensor logp = at::zeros({1}).requires_grad_();
  const at::Tensor value = clipped_loss(batch_of({1}, {0}), logp, at::zeros({1}), {}, {}).value;
  CHECK_THROWS_MATCHES(torch::autograd::grad({value}, {logp}, {}, true, /*create_graph=*/true), tempo::Error,
                       Message("clipped_loss: expected first derivatives only, got create_graph"));
}

TEST_CASE("LossStats: sums add, the maximum stays a maximum", "[objective]") {
  LossStats sum{.tokens = 1,
                .clipped_low = 2,
                .clipped_high = 3,
                .clipped_dual = 4,
                .kl = 5,
                .entropy = 6,
                .logp_difference_max = 7};
  sum += {.tokens = 10,
          .clipped_low = 20,
          .clipped_high = 30,
          .clipped_dual = 40,
          .kl = 50,
          .entropy = 60,
          .logp_difference_max = 5};
  CHECK(sum.tokens == 11);
  CHECK(sum.clipped_low == 22);
  CHECK(sum.clipped_high == 33);
  CHECK(sum.clipped_dual == 44);
  CHECK(sum.kl == 55);
  CHECK(sum.entropy == 66);
  CHECK(sum.logp_difference_max == 7);
}

TEST_CASE("LossOptions: bad values are named", "[objective]") {
  const auto message = [](const LossOptions& options, const char* text) {
    CHECK_THROWS_MATCHES(options.validate(), tempo::Error, Message(text));
  };
  message({.clip_low = 1.5}, "clip_low: expected a number of [0, 1], got 1.5");
  message({.clip_high = -0.1}, "clip_high: expected a finite number, 0 or more, got -0.1");
  message({.dual_clip = 1.0}, "dual_clip: expected a finite number above 1, got 1");
  message({.kl_coefficient = -1}, "kl_coefficient: expected a finite number, 0 or more, got -1");
  message({.entropy_coefficient = INFINITY}, "entropy_coefficient: expected a finite number, got inf");
}

TEST_CASE("clipped_loss: columns of another length are named", "[objective]") {
  const NodeBatch batch = batch_of({1, 1}, {0, 0});
  const at::Tensor two = at::zeros({2}), three = at::zeros({3});
  CHECK_THROWS_MATCHES(clipped_loss(batch, three, two, {}, {}), tempo::Error,
                       Message("clipped_loss: expected logp of shape [2], got shape [3]"));
  CHECK_THROWS_MATCHES(clipped_loss(batch, two, three, {}, {}), tempo::Error,
                       Message("clipped_loss: expected entropy of shape [2], got shape [3]"));
  CHECK_THROWS_MATCHES(clipped_loss(batch, two, two, {}, {.kl_coefficient = 0.1}), tempo::Error,
                       Message("clipped_loss: expected ref_logp of shape [2], got none"));
}
