#include "tempo/kernels/logprob.h"

#include <algorithm>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "tempo/kernels/sampling.h"

using namespace tempo::kernels;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::int64_t kVocabularies[] = {1, 2, 15, 255, 256, 257, 1000, 49152};
constexpr double kTemperatures[] = {1.0, 0.7, 1.5};

std::vector<float> random_logits(std::int64_t vocab, unsigned seed, float spread = 3.0F) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, spread);
  std::vector<float> logits(static_cast<std::size_t>(vocab));
  for (float& logit : logits) logit = normal(random);
  return logits;
}

float inverse(double temperature) { return static_cast<float>(1 / temperature); }

// The same in double, from the float32 inverse temperature that the kernels are given.
struct Exact {
  std::vector<double> logp;
  double entropy = 0;
};

Exact exact(const std::vector<float>& logits, float inverse_temperature) {
  const double scale = inverse_temperature, max = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float x : logits) sum += std::exp((static_cast<double>(x) - max) * scale);
  Exact out;
  for (const float x : logits) {
    out.logp.push_back((static_cast<double>(x) - max) * scale - std::log(sum));
    if (x > -kInfinity) out.entropy -= std::exp(out.logp.back()) * out.logp.back();
  }
  return out;
}

RowSoftmax softmax_of(const std::vector<float>& logits, float inverse_temperature) {
  return row_softmax(logits.data(), std::ssize(logits), inverse_temperature);
}

// z is below 50 here and is rounded twice, 2 x 2^-24 of it; e^z is good to 2^-22 of it more, and its terms
// share a sign: the sum, and the change of its logarithm, are good to 50 x 2^-23 + 2^-22 < 7e-6. What weighs
// in practice has z < 10. A log-probability below 64 is rounded to float32, 2^-24 of it, 4e-6. The entropy is
// at most 11 and a sum of such terms times -log p.
constexpr double kLogpTolerance = 1e-5, kEntropyTolerance = 2e-5;

// What a loss tells a row; some of its targets share a token.
struct RowLoss {
  std::vector<RowTarget> targets;
  float d_entropy = 0;
};

RowLoss loss_of(std::int64_t vocab, float d_entropy) {
  return {{{0, 0.5F}, {vocab - 1, -1.25F}, {vocab / 2, 2.0F}, {vocab - 1, 0.75F}, {0, -0.25F}}, d_entropy};
}

// Gradient by a logit by its formula, and the sum of the sizes of its terms.
struct ExactGradient {
  std::vector<double> value, size;
};

ExactGradient exact_gradient(const std::vector<float>& logits, float inverse_temperature,
                             const RowLoss& loss) {
  const Exact row = exact(logits, inverse_temperature);
  const double scale = inverse_temperature, d_entropy = loss.d_entropy;
  double sum = 0, size = 0;
  for (const RowTarget& target : loss.targets) {
    sum += static_cast<double>(target.d_logp);
    size += std::abs(static_cast<double>(target.d_logp));
  }
  ExactGradient out;
  for (const double logp : row.logp) {
    const double p = std::exp(logp), finite_logp = std::max(logp, -1000.0);
    out.value.push_back(-p * (sum + d_entropy * (finite_logp + row.entropy)) * scale);
    out.size.push_back(p * (size + std::abs(d_entropy) * (row.entropy - finite_logp)) * scale);
  }
  for (const RowTarget& target : loss.targets) {
    out.value[static_cast<std::size_t>(target.token)] += static_cast<double>(target.d_logp) * scale;
    out.size[static_cast<std::size_t>(target.token)] += std::abs(static_cast<double>(target.d_logp)) * scale;
  }
  return out;
}

constexpr float kGuard = -99;
constexpr std::size_t kGuards = 64;

// The gradient, and guards after it.
template <typename Element>
std::vector<Element> gradient(const std::vector<float>& logits, float inverse_temperature,
                              const RowLoss& loss) {
  std::vector<Element> out(logits.size() + kGuards);
  for (Element& x : out) assign(x, kGuard);
  row_softmax_backward(logits.data(), std::ssize(logits), inverse_temperature,
                       softmax_of(logits, inverse_temperature), loss.targets, loss.d_entropy, out.data());
  return out;
}

// A probability is good to the error of its logarithm, three roundings of a number below 64 and the
// normaliser's, and so is what is multiplied by it: 2e-5 of each term. bfloat16: 2^-8 of the result.
template <typename Element>
void check_gradient(const std::vector<float>& logits, float inverse_temperature, const RowLoss& loss) {
  const ExactGradient expected = exact_gradient(logits, inverse_temperature, loss);
  const std::vector<Element> got = gradient<Element>(logits, inverse_temperature, loss);
  const double rounding = sizeof(Element) == 2 ? 0x1p-8 : 0x1p-24;
  double worst = 0;
  bool guards_stand = true, numbers = true;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double error = std::abs(static_cast<double>(to_float(got[i])) - expected.value[i]);
    numbers = numbers && std::isfinite(error);
    worst =
        std::max(worst, error / (2e-5 * expected.size[i] + rounding * std::abs(expected.value[i]) + 1e-37));
  }
  for (std::size_t i = logits.size(); i < got.size(); ++i)
    guards_stand = guards_stand && to_float(got[i]) == kGuard;
  CHECK(worst <= 1);
  CHECK(numbers);
  CHECK(guards_stand);
}

}  // namespace

TEST_CASE("row_softmax: log-probabilities and entropy equal those in double", "[kernels]") {
  for (const std::int64_t vocab : kVocabularies) {
    for (const double temperature : kTemperatures) {
      CAPTURE(vocab, temperature);
      const std::vector<float> logits = random_logits(vocab, 1);
      const Exact expected = exact(logits, inverse(temperature));
      const RowSoftmax got = softmax_of(logits, inverse(temperature));
      CHECK(got.max == *std::max_element(logits.begin(), logits.end()));
      CHECK(std::abs(got.entropy - expected.entropy) < kEntropyTolerance);
      double worst = 0;
      for (std::size_t i = 0; i < logits.size(); ++i) {
        const double logp = static_cast<double>(row_logp(logits[i], got, inverse(temperature)));
        worst = std::max(worst, std::abs(logp - expected.logp[i]));
      }
      CHECK(worst < kLogpTolerance);
    }
  }
}

TEST_CASE("row_softmax: one token is certain", "[kernels]") {
  const RowSoftmax got = softmax_of({-3.5F}, 1);
  CHECK(got.max == -3.5F);
  CHECK(got.log_normaliser == 0);
  CHECK(got.entropy == 0);
  CHECK(row_logp(-3.5F, got, 1) == 0);
}

TEST_CASE("row_softmax: tokens at -inf have no part in it", "[kernels]") {
  std::vector<float> logits = random_logits(700, 2), some;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool cut = (i >= 256 && i < 512) || i % 3 == 0;  // a whole block, and parts of others
    if (cut) logits[i] = -kInfinity;
    if (!cut) some.push_back(logits[i]);
  }
  const Exact expected = exact(some, 1);
  const RowSoftmax got = softmax_of(logits, 1);
  CHECK(std::abs(got.entropy - expected.entropy) < kEntropyTolerance);
  CHECK(std::abs(static_cast<double>(row_logp(some[0], got, 1)) - expected.logp[0]) < kLogpTolerance);
  CHECK(row_logp(-kInfinity, got, 1) == -kInfinity);
  CHECK(softmax_of({-kInfinity, 2.0F, -kInfinity}, 1).entropy == 0);
}

TEST_CASE("row_softmax: NaN, +inf or nothing but -inf give a maximum that is not finite", "[kernels]") {
  for (const std::int64_t vocab : {1, 15, 257, 1000}) {
    for (const float bad : {kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
      for (const std::int64_t place : {std::int64_t{0}, vocab / 2, vocab - 1}) {
        CAPTURE(vocab, bad, place);
        std::vector<float> logits = random_logits(vocab, 3);
        logits[static_cast<std::size_t>(place)] = bad;
        CHECK_FALSE(std::isfinite(softmax_of(logits, 1).max));
      }
    }
    const std::vector<float> nothing(static_cast<std::size_t>(vocab), -kInfinity);
    CHECK_FALSE(std::isfinite(softmax_of(nothing, 1).max));
  }
}

TEST_CASE("row_logp: has the bits of RowSampler's draws", "[kernels]") {
  for (const std::int64_t vocab : kVocabularies) {
    for (const double temperature : {1.0, 0.7, 1.5, 0.05, kMinTemperature}) {
      CAPTURE(vocab, temperature);
      std::vector<float> logits = random_logits(vocab, 4);
      if (vocab > 2) logits[1] = -kInfinity;
      RowSampler sampler(static_cast<std::int32_t>(vocab));
      REQUIRE(sampler.prepare(logits.data(), {.temperature = temperature}) == RowStatus::kOk);
      const RowSoftmax softmax = softmax_of(logits, inverse(temperature));
      CHECK(static_cast<float>(softmax.entropy) == static_cast<float>(sampler.entropy()));
      int different = 0;
      for (int i = 0; i < 500; ++i) {
        const SampledToken drawn = sampler.draw((i + 0.5) / 500);
        const float logit = logits[static_cast<std::size_t>(drawn.token)];
        different += row_logp(logit, softmax, inverse(temperature)) != drawn.logp;
      }
      CHECK(different == 0);
    }
  }
}

TEMPLATE_TEST_CASE("row_softmax_backward: equals the formula in double", "[kernels]", float, BFloat16) {
  for (const std::int64_t vocab : kVocabularies) {
    for (const double temperature : kTemperatures) {
      for (const float d_entropy : {0.0F, 0.5F, -2.0F}) {
        CAPTURE(vocab, temperature, d_entropy);
        check_gradient<TestType>(random_logits(vocab, 5), inverse(temperature), loss_of(vocab, d_entropy));
      }
    }
  }
}

TEMPLATE_TEST_CASE("row_softmax_backward: no targets, and more than are usual", "[kernels]", float,
                   BFloat16) {
  const std::vector<float> logits = random_logits(300, 6);
  check_gradient<TestType>(logits, 1, {.targets = {}, .d_entropy = 0.5F});
  check_gradient<TestType>(logits, 1, {});
  for (const std::int64_t count : {63, 64, 65, 200}) {
    CAPTURE(count);
    RowLoss loss{.targets = {}, .d_entropy = 0.25F};
    for (std::int64_t k = 0; k < count; ++k)
      loss.targets.push_back({k * k % 300, 0.01F * static_cast<float>(k)});
    check_gradient<TestType>(logits, 1, loss);
  }
}

TEMPLATE_TEST_CASE("row_softmax_backward: tokens at -inf have gradient 0", "[kernels]", float, BFloat16) {
  std::vector<float> logits = random_logits(300, 7);
  for (std::size_t i = 0; i < logits.size(); i += 2) logits[i] = -kInfinity;
  const RowLoss loss{.targets = {{1, 1.0F}, {299, -0.5F}}, .d_entropy = 0.5F};
  check_gradient<TestType>(logits, 1, loss);
  CHECK(to_float(gradient<TestType>(logits, 1, loss)[2]) == 0);
}

TEMPLATE_TEST_CASE("row_softmax_backward: the same bits in the memory of the logits", "[kernels]", float,
                   BFloat16) {
  for (const std::int64_t vocab : kVocabularies) {
    CAPTURE(vocab);
    std::vector<float> logits = random_logits(vocab, 8);
    const RowLoss loss = loss_of(vocab, 0.5F);
    const std::vector<TestType> apart = gradient<TestType>(logits, inverse(0.7), loss);
    const RowSoftmax softmax = softmax_of(logits, inverse(0.7));
    logits.push_back(kGuard);
    auto* const in_place = reinterpret_cast<TestType*>(logits.data());
    row_softmax_backward(logits.data(), vocab, inverse(0.7), softmax, loss.targets, loss.d_entropy, in_place);
    CHECK(std::memcmp(in_place, apart.data(), static_cast<std::size_t>(vocab) * sizeof(TestType)) == 0);
    CHECK(logits.back() == kGuard);
  }
}
