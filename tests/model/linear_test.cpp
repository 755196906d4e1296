// The linear layers and their gradients against the formulas in float64, differentiated by ATen.
#include "model/linear.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <functional>
#include <vector>

#include "model/model_fixtures.h"
#include "model/outputs_and_gradients.h"
#include "support/finite_differences.h"

using namespace tempo::model;
using namespace tempo::testing;

namespace {

constexpr double kEps = 1e-5;
constexpr std::int64_t kTokens = 70, kWidth = 48, kOutputs[] = {40, 24, 66};

// float32: a sum of n = 130 terms is off by about sqrt(130) 2^-24 = 7e-7 of its largest, and three sums stand
// one after another at most: product, norm, product. The norm computes in float32 whatever the dtype.
// bfloat16: four roundings, 2^-8 each, of terms of the largest result's size.
double tolerance(at::ScalarType dtype) { return dtype == at::kBFloat16 ? 1.6e-2 : 4e-6; }

// Inputs are made representable in the dtype first, so that only the computation differs.
void check_close(const Function& f, const Function& formula, Tensors inputs, at::ScalarType dtype,
                 const std::vector<std::size_t>& used = {}) {
  for (at::Tensor& input : inputs) input = input.to(dtype);
  const Tensors got = outputs_and_gradients(f, inputs, dtype, used),
                expected = outputs_and_gradients(formula, inputs, at::kDouble, used);
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(dtype, i, expected[i].sizes());
    CHECK(got[i].scalar_type() == dtype);
    if (expected[i].eq(0).all().item<bool>()) {
      CHECK(got[i].eq(0).all().item<bool>());
    } else {
      CHECK(relative_error(got[i].to(at::kDouble), expected[i]) < tolerance(dtype));
    }
  }
}

void check_same_bits(const Tensors& a, const Tensors& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(at::equal(a[i], b[i]));
  }
}

// Three layers, the second without a bias, of weights near 1 / sqrt(width).
Tensors three_layers() {
  Tensors out;
  for (const std::int64_t outputs : kOutputs)
    out.push_back(random_tensor({outputs, kWidth}, static_cast<std::uint64_t>(outputs)) / 7);
  out.push_back(random_tensor({kOutputs[0]}, 10));
  out.push_back(random_tensor({kOutputs[2]}, 12));
  return out;
}

// The group of inputs `first` and after, as three_layers orders them.
LinearGroup group_of(const Tensors& in, std::size_t first) {
  return {{in[first], in[first + 1], in[first + 2]}, {in[first + 3], {}, in[first + 4]}};
}

Tensors layers_formula(const at::Tensor& x, const LinearGroup& group) {
  Tensors out;
  for (std::size_t i = 0; i < group.weights.size(); ++i) {
    const at::Tensor product = x.mm(group.weights[i].t());
    out.push_back(group.biases[i].defined() ? product + group.biases[i] : product);
  }
  return out;
}

at::Tensor norm_formula(const at::Tensor& x, const at::Tensor& weight) {
  return x / (x.square().mean(-1, true) + kEps).sqrt() * weight;
}

Tensors with(Tensors first, const Tensors& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

// x, [delta,] norm weight, then the layers; results: [sum,] the outputs.
Tensors norm_inputs(bool has_delta) {
  Tensors out{random_tensor({kTokens, kWidth}, 1)};
  if (has_delta) out.push_back(random_tensor({kTokens, kWidth}, 2));
  out.push_back(random_tensor({kWidth}, 3));
  return with(out, three_layers());
}

Tensors run_norm_linear(const Tensors& in, bool has_delta, bool packed_before) {
  const std::size_t norm = has_delta ? 2 : 1;
  const LinearGroup group = group_of(in, norm + 1);
  const auto packed = packed_before ? group.packed() : std::vector<PackedMatrix>();
  NormLinear out = norm_linear(in[0], has_delta ? in[1] : at::Tensor(), in[norm], kEps, group, packed);
  return has_delta ? with({out.sum_TI}, out.outputs) : out.outputs;
}

Tensors norm_linear_formula(const Tensors& in, bool has_delta) {
  const std::size_t norm = has_delta ? 2 : 1;
  const at::Tensor sum = has_delta ? in[0] + in[1] : in[0];
  const Tensors outputs = layers_formula(norm_formula(sum, in[norm]), group_of(in, norm + 1));
  return has_delta ? with({sum}, outputs) : outputs;
}

Tensors swiglu_inputs() {
  return {random_tensor({kTokens, kWidth}, 1), random_tensor({kTokens, kWidth}, 2),
          random_tensor({66, kWidth}, 3) / 7};
}

Tensors run_swiglu(const Tensors& in, bool packed_before) {
  const LinearGroup group{{in[2]}, {{}}};
  const auto packed = packed_before ? group.packed() : std::vector<PackedMatrix>();
  return {swiglu_linear(in[0], in[1], group, packed)};
}

Tensors swiglu_formula(const Tensors& in) { return {(in[0] * at::sigmoid(in[0]) * in[1]).mm(in[2].t())}; }

Tensors run_linear(const Tensors& in, bool packed_before) {
  const LinearGroup group = group_of(in, 1);
  const auto packed = packed_before ? group.packed() : std::vector<PackedMatrix>();
  return linear(in[0], group, packed);
}

}  // namespace

TEST_CASE("linear: equals its formula, forwards and backwards", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const Tensors inputs = with({random_tensor({kTokens, kWidth}, 1)}, three_layers());
  const Function formula = [](const Tensors& in) { return layers_formula(in[0], group_of(in, 1)); };
  const Function ours = [](const Tensors& in) { return run_linear(in, false); };
  check_close(ours, formula, inputs, dtype);
  for (const std::vector<std::size_t>& used : {std::vector<std::size_t>{0}, {1}, {0, 2}})
    check_close(ours, formula, inputs, dtype, used);
}

TEST_CASE("norm_linear: equals its formula, forwards and backwards", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const bool has_delta = GENERATE(false, true);
  CAPTURE(has_delta);
  const Function ours = [&](const Tensors& in) { return run_norm_linear(in, has_delta, false); };
  const Function formula = [&](const Tensors& in) { return norm_linear_formula(in, has_delta); };
  check_close(ours, formula, norm_inputs(has_delta), dtype);
  for (const std::vector<std::size_t>& used : {std::vector<std::size_t>{0}, {1}, {0, 2}})
    check_close(ours, formula, norm_inputs(has_delta), dtype, used);
}

TEST_CASE("norm_linear: without delta the sum is x itself", "[model]") {
  const Tensors in = norm_inputs(false);
  CHECK(norm_linear(in[0], {}, in[1], kEps, group_of(in, 2)).sum_TI.is_same(in[0]));
}

TEST_CASE("swiglu_linear: equals its formula, forwards and backwards", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  check_close([](const Tensors& in) { return run_swiglu(in, false); }, swiglu_formula, swiglu_inputs(),
              dtype);
}

TEST_CASE("linear layers: equal ATen's layers", "[model]") {
  const Tensors in = with({random_tensor({kTokens, kWidth}, 1)}, three_layers());
  const LinearGroup group = group_of(in, 1);
  const Tensors got = linear(in[0], group);
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(relative_error(got[i], at::linear(in[0], group.weights[i], group.biases[i])) <
          tolerance(at::kFloat));
  const Tensors gated = swiglu_inputs();
  CHECK(relative_error(run_swiglu(gated, false)[0], at::linear(at::silu(gated[0]) * gated[1], gated[2])) <
        tolerance(at::kFloat));
  const Tensors norm = norm_inputs(false);
  const at::Tensor normed = at::rms_norm(norm[0], {kWidth}, norm[1], kEps);
  CHECK(relative_error(run_norm_linear(norm, false, false)[1], at::linear(normed, norm[3])) <
        tolerance(at::kFloat));
}

TEST_CASE("linear layers: weights packed before change no bit", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const auto same = [&](const std::function<Tensors(const Tensors&, bool)>& f, const Tensors& inputs) {
    check_same_bits(outputs_and_gradients([&](const Tensors& in) { return f(in, false); }, inputs, dtype),
                    outputs_and_gradients([&](const Tensors& in) { return f(in, true); }, inputs, dtype));
  };
  same(run_linear, with({random_tensor({kTokens, kWidth}, 1)}, three_layers()));
  same([](const Tensors& in, bool packed) { return run_norm_linear(in, true, packed); }, norm_inputs(true));
  same([](const Tensors& in, bool packed) { return run_norm_linear(in, false, packed); }, norm_inputs(false));
  same(run_swiglu, swiglu_inputs());
}

TEST_CASE("linear layers: the same bits and no graph where no gradient is wanted", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const auto check = [&](const Function& f, Tensors inputs) {
    for (at::Tensor& input : inputs) input = input.to(dtype).requires_grad_(true);
    const Tensors with_graph = f(inputs);
    const at::NoGradGuard no_grad;
    const Tensors without = f(inputs);
    check_same_bits(with_graph, without);
    for (const at::Tensor& output : with_graph) CHECK(output.requires_grad());
    for (const at::Tensor& output : without) CHECK_FALSE(output.requires_grad());
  };
  check([](const Tensors& in) { return run_linear(in, false); },
        with({random_tensor({kTokens, kWidth}, 1)}, three_layers()));
  check([](const Tensors& in) { return run_norm_linear(in, true, false); }, norm_inputs(true));
  check([](const Tensors& in) { return run_norm_linear(in, false, true); }, norm_inputs(false));
  check([](const Tensors& in) { return run_swiglu(in, true); }, swiglu_inputs());
}

TEST_CASE("linear layers: gradients of inputs alone, and of weights alone", "[model]") {
  const Tensors all = norm_inputs(true);
  const Function f = [](const Tensors& in) { return run_norm_linear(in, true, false); };
  const Tensors expected = outputs_and_gradients(f, all, at::kFloat);
  const std::size_t outputs = expected.size() - all.size();
  for (std::size_t wanted = 0; wanted < all.size(); ++wanted) {
    CAPTURE(wanted);
    const Function one = [&](const Tensors& in) {
      Tensors inputs = all;
      inputs[wanted] = in[0];
      return f(inputs);
    };
    CHECK(
        at::equal(outputs_and_gradients(one, {all[wanted]}, at::kFloat).back(), expected[outputs + wanted]));
  }
}

TEST_CASE("linear layers: gradients that repeat a row or a number", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Function sums = [](const Tensors& in) {
    Tensors out;
    for (const at::Tensor& y : run_norm_linear(in, true, false)) out.push_back(y.to(at::kDouble).sum(0));
    return out;
  };
  const Function formula = [](const Tensors& in) {
    Tensors out;
    for (const at::Tensor& y : norm_linear_formula(in, true)) out.push_back(y.sum(0));
    return out;
  };
  Tensors inputs = norm_inputs(true);
  for (at::Tensor& input : inputs) input = input.to(dtype);
  const Tensors got = outputs_and_gradients(sums, inputs, dtype),
                expected = outputs_and_gradients(formula, inputs, at::kDouble);
  for (std::size_t i = expected.size() - inputs.size(); i < expected.size(); ++i) {
    CAPTURE(dtype, i);
    CHECK(relative_error(got[i].to(at::kDouble), expected[i]) < tolerance(dtype));
  }
}

TEST_CASE("linear layers: gradients equal finite differences in double", "[model]") {
  const auto small = [](at::IntArrayRef shape, std::uint64_t seed) {
    return random_tensor(shape, seed).to(at::kDouble);
  };
  const auto loss = [](const Tensors& outputs) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      sum = sum + (outputs[i] * random_tensor(outputs[i].sizes(), 100 + i)).sum();
    return sum;
  };
  const Tensors layers{small({2, 4}, 4), small({3, 4}, 5), small({1, 4}, 6), small({2}, 7), small({1}, 8)};
  const Tensors x{small({3, 4}, 1)};
  // Values near 10, so that differences are good to about 1e-9. The norm is float32 inside: too coarse.
  CHECK(gradient_error([&](const Tensors& in) { return loss(run_linear(in, false)); }, with(x, layers)) <
        1e-8);

  CHECK(gradient_error([&](const Tensors& in) { return loss(run_swiglu(in, false)); },
                       {small({3, 4}, 1), small({3, 4}, 2), small({2, 4}, 3)}) < 1e-8);
}
