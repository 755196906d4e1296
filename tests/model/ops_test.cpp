// The element-wise steps and their gradients against the formulas in float64, differentiated by ATen.
#include "model/ops.h"

#include <ATen/Parallel.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <vector>

#include "model/model_fixtures.h"
#include "model/ops_paths.h"
#include "model/ops_steps.h"
#include "model/outputs_and_gradients.h"

using namespace tempo::model;
using namespace tempo::testing;

namespace {

constexpr double kEps = 1e-5;

// Inputs are made representable in the dtype first, so that only the computation differs.
void check_close(const Function& f, const Function& formula, Tensors inputs, at::ScalarType dtype) {
  for (at::Tensor& input : inputs) input = input.to(dtype);
  const Tensors got = outputs_and_gradients(f, inputs, dtype),
                expected = outputs_and_gradients(formula, inputs, at::kDouble);
  // float32: sums of 100 terms, error sqrt(100) 2^-24 = 6e-7, and a few roundings. bfloat16: a result is
  // rounded up to three times, 2^-9 each, of a term that may be twice the largest result.
  const double tolerance = dtype == at::kFloat ? 2e-6 : 1.2e-2;
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("value " << i);
    CHECK(got[i].scalar_type() == dtype);
    CHECK(relative_error(got[i].to(at::kDouble), expected[i]) < tolerance);
  }
}

at::Tensor norm_formula(const at::Tensor& x, const at::Tensor& weight) {
  return x / (x.square().mean(-1, true) + kEps).sqrt() * weight;
}

RotaryTables tables(std::int64_t tokens, std::int64_t half) {
  const at::Tensor angle_TF = random_tensor({tokens, half}, 9) * 3;
  return {.cos_TF = angle_TF.cos(), .sin_TF = angle_TF.sin()};
}

}  // namespace

TEST_CASE("rms_norm: equals its formula, forwards and backwards", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const std::int64_t width = GENERATE(1, 7, 16, 100);
  check_close([](const Tensors& in) { return Tensors{rms_norm(in[0], in[1], kEps)}; },
              [](const Tensors& in) { return Tensors{norm_formula(in[0], in[1])}; },
              {random_tensor({70, 3, width}, 1), random_tensor({width}, 2)}, dtype);
}

TEST_CASE("add_rms_norm: equals its formula, forwards and backwards", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Tensors inputs{random_tensor({130, 48}, 1), random_tensor({130, 48}, 2), random_tensor({48}, 3)};
  check_close(
      [](const Tensors& in) {
        const ResidualNorm out = add_rms_norm(in[0], in[1], in[2], kEps);
        return Tensors{out.sum, out.normed};
      },
      [](const Tensors& in) {
        return Tensors{in[0] + in[1], norm_formula(in[0] + in[1], in[2])};
      },
      inputs, dtype);
}

TEST_CASE("add_rms_norm: gradients through one of its results", "[model]") {
  const Tensors inputs{random_tensor({5, 48}, 1), random_tensor({5, 48}, 2), random_tensor({48}, 3)};
  check_close([](const Tensors& in) { return Tensors{add_rms_norm(in[0], in[1], in[2], kEps).normed}; },
              [](const Tensors& in) { return Tensors{norm_formula(in[0] + in[1], in[2])}; }, inputs,
              at::kFloat);
  check_close(
      [](const Tensors& in) { return Tensors{add_rms_norm(in[0], in[1], in[2], kEps).sum + in[2].sum()}; },
      [](const Tensors& in) { return Tensors{in[0] + in[1] + in[2].sum()}; }, inputs, at::kFloat);
}

TEST_CASE("silu_mul: equals its formula, forwards and backwards, at large values too", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const double scale = GENERATE(1.0, 60.0);
  check_close([](const Tensors& in) { return Tensors{silu_mul(in[0], in[1])}; },
              [](const Tensors& in) { return Tensors{in[0] * at::sigmoid(in[0]) * in[1]}; },
              {random_tensor({33, 40}, 1) * scale, random_tensor({33, 40}, 2)}, dtype);
}

TEST_CASE("rotate: turns the halves of each head by the token's angles", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const RotaryTables angles = tables(17, 6);
  const auto formula = [&](const Tensors& in) {
    const at::Tensor cos_T1E = at::cat({angles.cos_TF, angles.cos_TF}, -1).unsqueeze(1);
    const at::Tensor sin_T1E = at::cat({angles.sin_TF, angles.sin_TF}, -1).unsqueeze(1);
    const Tensors halves = in[0].chunk(2, -1);
    return Tensors{in[0] * cos_T1E + at::cat({-halves[1], halves[0]}, -1) * sin_T1E};
  };
  check_close([&](const Tensors& in) { return Tensors{rotate(in[0], angles)}; }, formula,
              {random_tensor({17, 3, 12}, 1)}, dtype);
}

TEST_CASE("element-wise steps: kernels and operators agree", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  // One rounding to the dtype more on one side.
  const double tolerance = dtype == at::kFloat ? 2e-6 : 1.0 / 128;
  const auto random = [&](at::IntArrayRef shape, std::uint64_t seed) {
    return random_tensor(shape, seed).to(dtype);
  };
  const auto check = [&](const at::Tensor& a, const at::Tensor& b) {
    CHECK(relative_error(a, b) < tolerance);
  };
  const at::Tensor x = random({130, 48}, 1), y = random({130, 48}, 2), weight = random({48}, 3);
  const NormResult kernel = norm_by_kernels(x, y, weight, kEps),
                   other = norm_by_operators(x, y, weight, kEps);
  check(kernel.sum, other.sum);
  check(kernel.normed, other.normed);
  const NormInputs inputs{kernel.sum, weight, kernel.inverse_rms};
  const NormGradients norm_grads = norm_backward_by_kernels(inputs, x, y);
  check(norm_grads.x, norm_backward_by_operators(inputs, x, y).x);
  check(norm_grads.weight, norm_backward_by_operators(inputs, x, y).weight);
  check(silu_mul_by_kernels(x, y), silu_mul_by_operators(x, y));
  const SiluMulGradients silu_grads = silu_mul_backward_by_kernels(x, y, kernel.sum);
  check(silu_grads.gate, silu_mul_backward_by_operators(x, y, kernel.sum).gate);
  check(silu_grads.up, silu_mul_backward_by_operators(x, y, kernel.sum).up);
  const at::Tensor heads = x.view({130, 4, 12});
  check(rotate_by_kernels(heads, tables(130, 6), true), rotate_by_operators(heads, tables(130, 6), true));
}

TEST_CASE("element-wise steps: weight gradients do not depend on the number of threads", "[model]") {
  const NormInputs inputs{random_tensor({1000, 24}, 1), random_tensor({24}, 2), random_tensor({1000}, 3)};
  const at::Tensor grad = random_tensor({1000, 24}, 4);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = norm_backward_by_kernels(inputs, {}, grad).weight;
  at::set_num_threads(3);
  const at::Tensor three = norm_backward_by_kernels(inputs, {}, grad).weight;
  at::set_num_threads(threads);
  CHECK(at::equal(one, three));
}

TEST_CASE("store_keys_values: turned keys and values stand in their slots, nothing else is touched",
          "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor key = random_tensor({5, 3, 8}, 1).to(dtype), value = random_tensor({5, 3, 8}, 2).to(dtype);
  const at::Tensor angle = random_tensor({5, 4}, 3).to(at::kFloat);
  const RotaryTables tables{.cos_TF = angle.cos(), .sin_TF = angle.sin()};
  const at::Tensor slot = at::tensor({7, 2, 0, 9, 4}, at::kLong);
  const at::Tensor keys = at::full({11, 3, 8}, 50, dtype), values = at::full({11, 3, 8}, 60, dtype);
  const at::Tensor expected_keys = keys.index_copy(0, slot, turned(key, tables, true));
  const at::Tensor expected_values = values.index_copy(0, slot, value);
  store_keys_values(key, value, tables, slot, keys, values);
  CHECK(at::equal(keys, expected_keys));
  CHECK(at::equal(values, expected_values));
}
