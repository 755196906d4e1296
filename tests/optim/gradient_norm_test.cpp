#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/optim/adamw.h"

using Catch::Matchers::Message;
using Catch::Matchers::WithinRel;
using tempo::optim::clip_scale;
using tempo::optim::gradient_norm;

namespace {

at::Tensor with_gradient(const at::Tensor& gradient) {
  at::Tensor parameter = at::zeros_like(gradient).requires_grad_();
  parameter.mutable_grad() = gradient;
  return parameter;
}

}  // namespace

TEST_CASE("gradient_norm: is the norm of all gradients together", "[optim]") {
  const std::vector<at::Tensor> parameters{with_gradient(at::tensor({2.0F, -1.0F})),
                                           at::zeros({3}).requires_grad_(),  // no gradient
                                           with_gradient(at::tensor({4.0F, 2.0F}).to(at::kBFloat16))};
  CHECK(gradient_norm(parameters) == 5.0);
  CHECK(gradient_norm({}) == 0.0);
}

TEST_CASE("gradient_norm: agrees with double for every layout and dtype", "[optim]") {
  at::manual_seed(3);
  const at::Tensor values = at::randn({300, 501});
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kBFloat16, at::kHalf}) {
    const at::Tensor gradient = values.to(dtype);
    const double expected = gradient.to(at::kDouble).norm().item<double>();
    // 150,300 squares added in double: at most n / 2 roundings of 2^-53 each, far less in practice.
    CHECK_THAT(gradient_norm(std::vector{with_gradient(gradient)}), WithinRel(expected, 1e-11));
    at::Tensor strided = at::zeros({501, 300}, dtype).requires_grad_();
    strided.mutable_grad() = gradient.t();
    CHECK_THAT(gradient_norm(std::vector{strided}), WithinRel(expected, 1e-11));
  }
}

TEST_CASE("gradient_norm: same bits with one and two threads", "[optim]") {
  at::manual_seed(4);
  const std::vector<at::Tensor> parameters{with_gradient(at::randn({1'000'003}))};
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const double one = gradient_norm(parameters);
  at::set_num_threads(2);
  const double two = gradient_norm(parameters);
  at::set_num_threads(threads);
  CHECK(one == two);
}

TEST_CASE("gradient_norm: is not finite when an element is not", "[optim]") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  CHECK(std::isinf(gradient_norm(std::vector{with_gradient(at::tensor({1.0F, -kInfinity}))})));
  CHECK(std::isnan(gradient_norm(std::vector{with_gradient(at::tensor({1.0F, std::nanf("")}))})));
  // Squares that overflow float32 do not overflow the sum.
  CHECK_THAT(gradient_norm(std::vector{with_gradient(at::tensor({3e30F, 4e30F}))}), WithinRel(5e30, 1e-6));
}

TEST_CASE("clip_scale: brings a norm down to the maximum and never up", "[optim]") {
  CHECK(clip_scale(10, 1) == 1 / (10 + 1e-6));
  CHECK(clip_scale(0.5, 1) == 1.0);
  CHECK(clip_scale(1e9, 0) == 1.0);
  CHECK_THROWS_MATCHES(clip_scale(1, -1), tempo::Error,
                       Message("clip_scale: expected max_norm 0 or more, got -1"));
  CHECK_THROWS_MATCHES(clip_scale(std::numeric_limits<double>::infinity(), 1), tempo::Error,
                       Message("clip_scale: expected a finite norm, got inf"));
}
