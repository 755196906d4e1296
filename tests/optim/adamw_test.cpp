#include "tempo/optim/adamw.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/golden.h"
#include "tempo/core/error.h"

using Catch::Matchers::Message;
using tempo::optim::AdamW;
using tempo::optim::AdamWOptions;
using tempo::testing::error_ratio;
using tempo::testing::golden_tensor;

namespace {

AdamWOptions options_of(const nlohmann::json& test) {
  return {.beta1 = test["beta1"],
          .beta2 = test["beta2"],
          .epsilon = test["epsilon"],
          .weight_decay = test["weight_decay"]};
}

std::vector<at::Tensor> initial_parameters(const nlohmann::json& test, at::ScalarType dtype = at::kFloat) {
  std::vector<at::Tensor> parameters;
  for (const auto& value : test["initial"])
    parameters.push_back(golden_tensor(value, dtype).requires_grad_());
  return parameters;
}

void set_gradients(std::vector<at::Tensor>& parameters, const nlohmann::json& gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].mutable_grad().reset();
    if (!gradients[i].is_null())
      parameters[i].mutable_grad() = golden_tensor(gradients[i], parameters[i].scalar_type());
  }
}

// One parameter after `steps` updates from gradients of one seed.
at::Tensor train(at::Tensor parameter, int steps, double gradient_scale, bool strided = false) {
  parameter = parameter.clone().requires_grad_();
  AdamW adamw({parameter}, {.weight_decay = 0.1});
  at::manual_seed(12);
  for (int s = 0; s < steps; ++s) {
    const at::Tensor gradient = at::randn(parameter.sizes()).to(parameter.scalar_type());
    parameter.mutable_grad() = strided ? gradient.t().contiguous().t() : gradient;
    adamw.step(1e-2, gradient_scale);
  }
  return parameter.detach();
}

constexpr double kFloatEpsilon = 1.1920929e-07;

}  // namespace

TEST_CASE("AdamW: equals torch.optim.AdamW for ten steps", "[optim]") {
  for (const auto& test : tempo::testing::load_golden("optim/adamw.json")) {
    INFO(test["name"]);
    std::vector<at::Tensor> parameters = initial_parameters(test);
    AdamW adamw(parameters, options_of(test));
    double rates = 0;
    for (std::size_t step = 0; step < 10; ++step) {
      set_gradients(parameters, test["gradients"][step]);
      const double rate = test["learning_rates"][step];
      adamw.step(rate);
      rates += rate;
      // Each update rounds the parameter twice and its move, about the learning rate, some eight times; the
      // parameters are below 4 and may come close to zero.
      const double absolute = kFloatEpsilon * (static_cast<double>(step + 1) * 4 + 8 * rates);
      for (std::size_t i = 0; i < parameters.size(); ++i)
        REQUIRE(error_ratio(parameters[i], golden_tensor(test["after"][step][i]), 0, absolute) <= 1);
    }
    CHECK(adamw.steps() == 10);
  }
}

TEST_CASE("AdamW: bfloat16 parameters are rounded copies of a float32 run", "[optim]") {
  const auto test = tempo::testing::load_golden("optim/adamw.json")[1];
  std::vector<at::Tensor> half = initial_parameters(test, at::kBFloat16);
  std::vector<at::Tensor> full;
  for (const at::Tensor& p : half) full.push_back(p.detach().to(at::kFloat).requires_grad_());
  AdamW half_adamw(half, options_of(test)), full_adamw(full, options_of(test));
  for (std::size_t step = 0; step < 10; ++step) {
    set_gradients(half, test["gradients"][step]);
    set_gradients(full, test["gradients"][step]);
    half_adamw.step(test["learning_rates"][step]);
    full_adamw.step(test["learning_rates"][step]);
  }
  for (std::size_t i = 0; i < half.size(); ++i) {
    CHECK(at::equal(half_adamw.master_weights()[i], full[i]));
    CHECK(at::equal(half[i], full[i].detach().to(at::kBFloat16)));
    CHECK(full_adamw.master_weights()[i].is_same(full[i]));
  }
}

TEST_CASE("AdamW: masters keep updates that bfloat16 would lose", "[optim]") {
  const at::Tensor parameter = at::ones({4}, at::kBFloat16).requires_grad_();
  AdamW adamw({parameter}, {.weight_decay = 0});
  for (int s = 0; s < 10; ++s) {
    parameter.mutable_grad() = at::ones({4}, at::kBFloat16);
    adamw.step(1e-3);  // below half the spacing of bfloat16 under 1, 2^-9
  }
  CHECK(error_ratio(adamw.master_weights()[0], at::full({4}, 0.99), 1e-6, 0) <= 1);
  CHECK(at::equal(parameter.detach(), at::full({4}, 0.99).to(at::kBFloat16)));
}

TEST_CASE("AdamW: float32 gradients of 16-bit parameters", "[optim]") {
  for (const at::ScalarType dtype : {at::kBFloat16, at::kHalf}) {
    at::manual_seed(6);
    const at::Tensor start = at::randn({40, 9}).to(dtype), gradient = at::randn({40, 9}).to(dtype);
    const at::Tensor narrow = start.clone().requires_grad_(), wide = start.clone().requires_grad_();
    AdamW by_narrow({narrow}, {}), by_wide({wide}, {});
    narrow.mutable_grad() = gradient;
    wide.mutable_grad() = gradient.to(at::kFloat);
    by_narrow.step(1e-2);
    by_wide.step(1e-2);
    CHECK(at::equal(narrow.detach(), wide.detach()));
    CHECK(at::equal(by_narrow.master_weights()[0], by_wide.master_weights()[0]));
    CHECK_FALSE(at::equal(narrow.detach(), start));
  }
}

TEST_CASE("AdamW: own loop and ATen operators agree", "[optim]") {
  at::manual_seed(5);
  const at::Tensor start = at::randn({70, 33});
  // As in the comparison with torch: five steps, learning rate 1e-2, parameters below 5.
  const double absolute = kFloatEpsilon * (5 * 5 + 8 * 5e-2);
  CHECK(error_ratio(train(start, 5, 0.5, true), train(start, 5, 0.5), 0, absolute) <= 1);
  const at::Tensor half = start.to(at::kBFloat16);
  // Masters that differ by a rounding may fall on two sides of a bfloat16 boundary: one spacing, 2^-7.
  CHECK(error_ratio(train(half, 5, 0.5, true), train(half, 5, 0.5), 0x1p-7, 0) <= 1);
}

TEST_CASE("AdamW: gradient_scale is a multiplication of the gradients", "[optim]") {
  const at::Tensor start = at::tensor({1.0F, -2.0F, 0.5F}).requires_grad_();
  const at::Tensor other = start.detach().clone().requires_grad_();
  AdamW scaled({start}, {.epsilon = 1.0}), plain({other}, {.epsilon = 1.0});
  start.mutable_grad() = at::tensor({4.0F, 8.0F, -2.0F});
  other.mutable_grad() = at::tensor({1.0F, 2.0F, -0.5F});
  scaled.step(0.1, 0.25);
  plain.step(0.1);
  CHECK(at::equal(start, other));
  scaled.zero_grad();
  CHECK_FALSE(start.grad().defined());
}

TEST_CASE("AdamW: same bits with one and two threads", "[optim]") {
  at::manual_seed(6);
  const int threads = at::get_num_threads();
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor start = at::randn({300'007}).to(dtype);
    at::set_num_threads(1);
    const at::Tensor one = train(start, 3, 0.7);
    at::set_num_threads(2);
    const at::Tensor two = train(start, 3, 0.7);
    CHECK(at::equal(one, two));
  }
  at::set_num_threads(threads);
}

TEST_CASE("AdamW: pieces of a parameter are updated as the whole", "[optim]") {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    at::manual_seed(5);
    const at::Tensor whole = at::randn({7, 30}).to(dtype), cut = whole.clone(), flat = cut.view(-1);
    const std::vector<at::Tensor> pieces{flat.narrow(0, 0, 1), flat.narrow(0, 1, 150),
                                         flat.narrow(0, 151, 59)};
    AdamW of_whole({whole}, {.weight_decay = 0.1}), of_pieces(pieces, {.weight_decay = 0.1});
    for (int s = 0; s < 3; ++s) {
      const at::Tensor gradient = at::randn({7, 30}), part = gradient.view(-1);
      const std::vector<at::Tensor> parts{part.narrow(0, 0, 1), part.narrow(0, 1, 150),
                                          part.narrow(0, 151, 59)};
      of_whole.step(std::vector<at::Tensor>{gradient}, 1e-2, 0.5);
      of_pieces.step(parts, 1e-2, 0.5);
    }
    CHECK(at::equal(whole, cut));
    CHECK(at::equal(of_whole.master_weights()[0].view(-1), at::cat(of_pieces.master_weights())));
  }
}

TEST_CASE("AdamW: goes on from a restored state with the same bits", "[optim]") {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    at::manual_seed(6);
    std::vector<at::Tensor> gradients;
    for (int s = 0; s < 6; ++s) gradients.push_back(at::randn({33}));
    const at::Tensor parameter = at::randn({33}).to(dtype), resumed = at::empty({33}, dtype);
    AdamW adamw({parameter}, {}), fresh({resumed}, {});
    for (std::size_t s = 0; s < 6; ++s) {
      if (s == 3) {
        resumed.copy_(parameter);
        fresh.restore(adamw.state());
      }
      adamw.step(std::span(&gradients[s], 1), 1e-2);
      if (s >= 3) fresh.step(std::span(&gradients[s], 1), 1e-2);
    }
    CHECK(at::equal(parameter, resumed));
    CHECK(at::equal(adamw.master_weights()[0], fresh.master_weights()[0]));
    CHECK(fresh.steps() == 6);
  }
}

TEST_CASE("AdamW: an update is seen by autograd", "[optim]") {
  const at::Tensor parameter = at::ones({2}).requires_grad_();
  AdamW adamw({parameter}, {});
  const at::Tensor loss = parameter.square().sum();
  parameter.mutable_grad() = at::ones({2});
  adamw.step(0.1);
  CHECK_THROWS(loss.backward());
}

TEST_CASE("AdamW: bad input is named", "[optim]") {
  CHECK_THROWS_MATCHES(AdamW({}, {.beta1 = 1.0}), tempo::Error,
                       Message("beta1: expected a number of [0, 1), got 1"));
  CHECK_THROWS_MATCHES(AdamW({}, {.weight_decay = -1}), tempo::Error,
                       Message("weight_decay: expected a finite number, 0 or more, got -1"));
  CHECK_THROWS_MATCHES(AdamW({at::zeros({1}, at::kDouble)}, {}), tempo::Error,
                       Message("AdamW: expected parameters of float32, bfloat16 or float16, got Double"));
  CHECK_THROWS_MATCHES(
      AdamW({at::zeros({2, 3}).t()}, {}), tempo::Error,
      Message("AdamW: expected contiguous parameters, got shape [3, 2] with strides [1, 3]"));
  AdamW adamw({}, {});
  CHECK_THROWS_AS(adamw.step(std::numeric_limits<double>::infinity()), tempo::Error);
  CHECK_THROWS_MATCHES(adamw.step(1.0, std::numeric_limits<double>::infinity()), tempo::Error,
                       Message("AdamW::step: expected a finite gradient scale, got inf"));
  CHECK_THROWS_MATCHES(adamw.step(std::vector<at::Tensor>(1), 1.0), tempo::Error,
                       Message("AdamW::step: expected 0 gradients, got 1"));
  AdamW one({at::zeros({2})}, {}), other({at::zeros({3})}, {});
  CHECK_THROWS_MATCHES(one.step(std::vector<at::Tensor>{at::zeros({1})}, 1.0), tempo::Error,
                       Message("AdamW::step: expected a gradient of shape [2], got [1]"));
  CHECK_THROWS_MATCHES(one.restore(other.state()), tempo::Error,
                       Message("AdamW::restore: expected Float [2], got Float [3]"));
  CHECK_THROWS_MATCHES(one.restore(adamw.state()), tempo::Error,
                       Message("AdamW::restore: expected the state of 1 parameters, got that of 0"));
}
