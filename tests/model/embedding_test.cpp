#include "model/embedding.h"

#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "model/model_fixtures.h"

using namespace tempo::model;
using namespace tempo::testing;

TEST_CASE("token_embedding: rows of the tokens, and ATen's gradient in float64", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor weight = random_tensor({9, 5}, 1).to(dtype),
                   token = at::tensor({3, 8, 3, 0, 3, 8}, at::kLong);
  const at::Tensor grad = random_tensor({6, 5}, 2).to(dtype);
  const at::Tensor leaf = weight.clone().requires_grad_(), wide = weight.to(at::kDouble).requires_grad_();
  const at::Tensor rows = token_embedding(leaf, token);
  CHECK(at::equal(rows, at::embedding(weight, token)));
  rows.backward(grad);
  at::embedding(wide, token).backward(grad.to(at::kDouble));
  // Three terms in float32, rounded once.
  const double tolerance = dtype == at::kFloat ? 3 * 0x1p-24 : 0x1p-8;
  CHECK(leaf.grad().scalar_type() == dtype);
  CHECK(relative_error(leaf.grad().to(at::kDouble), wide.grad()) < tolerance);
}

TEST_CASE("token_embedding: a token that stands there many times keeps counting in bfloat16", "[model]") {
  const at::Tensor weight = at::zeros({4, 3}, at::kBFloat16).requires_grad_();
  token_embedding(weight, at::full({512}, 2, at::kLong)).backward(at::ones({512, 3}, at::kBFloat16));
  CHECK(at::equal(weight.grad().select(0, 2), at::full({3}, 512, at::kBFloat16)));
  CHECK(weight.grad().sum().item<float>() == 3 * 512);
}
