#include "tempo/kernels/sampling.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "support/reference_sampling.h"
#include "tempo/core/random.h"

using tempo::kernels::BFloat16;
using tempo::kernels::RowSampler;
using tempo::kernels::RowStatus;
using tempo::kernels::SamplingParams;
using tempo::test::softmax;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kAlmostOne = 1.0 - 0x1.0p-53;

std::vector<float> random_logits(std::int32_t vocab, std::uint32_t seed, float spread = 2.0F) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0.0F, spread);
  std::vector<float> logits(static_cast<std::size_t>(vocab));
  for (float& x : logits) x = normal(engine);
  return logits;
}

std::vector<double> expected_distribution(const std::vector<float>& logits, const SamplingParams& params) {
  return tempo::test::truncated(softmax(logits, params.temperature), params.top_k, params.top_p,
                                params.min_p);
}

// Prepares a row that must be fine.
RowSampler prepared(const std::vector<float>& logits, const SamplingParams& params = {}) {
  RowSampler sampler(static_cast<std::int32_t>(logits.size()));
  REQUIRE(sampler.prepare(logits.data(), params) == RowStatus::kOk);
  return sampler;
}

// All tokens that a fine grid of uniforms draws.
std::set<std::int32_t> drawn_tokens(const RowSampler& sampler, int draws = 4096) {
  std::set<std::int32_t> tokens;
  for (int i = 0; i < draws; ++i) tokens.insert(sampler.draw((i + 0.5) / draws).token);
  return tokens;
}

// Draws in the middle of each token's part of [0, 1). A weight's error is 2^-22 of it from exp and |z| 2^-23
// from z; z is below 5 for what weighs, so a cumulative probability is good to 1e-6, and parts of 4e-6 are
// told apart.
void check_inverse(const RowSampler& sampler, const std::vector<double>& p) {
  double before = 0;
  for (std::size_t token = 0; token < p.size(); ++token) {
    if (p[token] > 4e-6) CHECK(sampler.draw(before + p[token] / 2).token == static_cast<std::int32_t>(token));
    before += p[token];
  }
}

}  // namespace

TEST_CASE("RowSampler: draws the inverse of the cumulative distribution by token id", "[kernels]") {
  const auto vocab = GENERATE(1, 2, 15, 16, 17, 255, 256, 257, 511, 512, 513, 1000);
  const double temperature = GENERATE(0.7, 1.0, 1.5);
  CAPTURE(vocab, temperature);
  const auto logits = random_logits(vocab, 3);
  check_inverse(prepared(logits, {.temperature = temperature}), softmax(logits, temperature));
}

TEST_CASE("RowSampler: entropy is that of the distribution before truncation", "[kernels]") {
  const auto logits = random_logits(3000, 5);
  const auto p = softmax(logits, 0.8);
  double entropy = 0;
  for (const double x : p) entropy -= x * std::log(x);
  // Errors of 2^-22 in the weights and 2^-24 in z |z| < 20.
  CHECK(std::abs(prepared(logits, {.temperature = 0.8}).entropy() - entropy) < 5e-6);
  CHECK(std::abs(prepared(logits, {.temperature = 0.8, .top_k = 2}).entropy() - entropy) < 5e-6);
  CHECK(prepared({1.0F, -kInfinity}).entropy() == 0);
}

TEST_CASE("RowSampler: truncation keeps the tokens of its definition", "[kernels]") {
  const std::vector<SamplingParams> settings = {
      {.top_k = 1},
      {.top_k = 7},
      {.top_k = 999},
      {.top_p = .3},
      {.top_p = .95},
      {.min_p = .05},
      {.min_p = 1},
      {.top_k = 20, .top_p = .5, .min_p = .1},
      {.temperature = 2, .top_k = 300, .top_p = .9},
  };
  for (const auto& params : settings) {
    CAPTURE(params.temperature, params.top_k, params.top_p, params.min_p);
    const auto logits = random_logits(777, 17);
    const auto sampler = prepared(logits, params);
    check_inverse(sampler, expected_distribution(logits, params));
  }
}

TEST_CASE("RowSampler: log-probabilities are those before truncation", "[kernels]") {
  const auto logits = random_logits(500, 23);
  const auto p = softmax(logits, 1);
  const auto sampler = prepared(logits, {.top_k = 3});
  for (const double u : {0.0, 0.5, 0.99}) {
    const auto drawn = sampler.draw(u);
    const double expected = std::log(p[static_cast<std::size_t>(drawn.token)]);
    // 2^-22 from the normaliser, 2^-24 of |logp| < 20 from rounding it to float.
    CHECK(std::abs(static_cast<double>(drawn.logp) - expected) < 4e-6);
  }
}

// Pearson's statistic over cells of at least 5 expected draws. Its distribution is close to a normal in the
// cube root (Wilson and Hilferty); 3.1 standard deviations are p = 0.001, for one fixed stream of draws.
TEST_CASE("RowSampler: frequencies follow the distribution", "[kernels]") {
  constexpr int kDraws = 100'000;
  const auto params = GENERATE(SamplingParams{}, SamplingParams{.temperature = 1.3, .top_k = 40},
                               SamplingParams{.temperature = 0.9, .top_k = 200, .top_p = .9, .min_p = .01});
  CAPTURE(params.temperature, params.top_k, params.top_p, params.min_p);
  const auto logits = random_logits(600, 31);
  const auto sampler = prepared(logits, params);
  std::vector<double> counts(600);
  for (std::uint32_t i = 0; i < kDraws; ++i)
    ++counts[static_cast<std::size_t>(
        sampler.draw(tempo::core::uniform_draw({.seed = 9, .position = i})).token)];

  const auto p = expected_distribution(logits, params);
  double statistic = 0, cells = 0, rest_expected = 0, rest_count = 0;
  for (std::size_t token = 0; token < p.size(); ++token) {
    const double expected = p[token] * kDraws;
    if (expected == 0) REQUIRE(counts[token] == 0);
    if (expected < 5) {
      rest_expected += expected;
      rest_count += counts[token];
      continue;
    }
    statistic += (counts[token] - expected) * (counts[token] - expected) / expected;
    ++cells;
  }
  if (rest_expected > 0) {
    statistic += (rest_count - rest_expected) * (rest_count - rest_expected) / rest_expected;
    ++cells;
  }
  const double freedom = cells - 1, spread = 2 / (9 * freedom);
  CHECK((std::cbrt(statistic / freedom) - (1 - spread)) / std::sqrt(spread) < 3.1);
}

TEST_CASE("RowSampler: temperature 0 takes the largest logit, the lowest id on ties", "[kernels]") {
  const std::vector<float> logits{1.0F, 3.0F, 2.0F, 3.0F};
  const auto p = softmax(logits, 1);
  const auto sampler = prepared(logits, {.temperature = 0, .top_k = 3, .top_p = .5});
  for (const double u : {0.0, 0.5, kAlmostOne}) {
    CHECK(sampler.draw(u).token == 1);
    CHECK(std::abs(static_cast<double>(sampler.draw(u).logp) - std::log(p[1])) < 1e-6);
  }
}

TEST_CASE("RowSampler: ties rank by token id", "[kernels]") {
  const std::vector<float> logits{0.0F, 1.0F, 1.0F, 1.0F, -2.0F};
  CHECK(drawn_tokens(prepared(logits, {.top_k = 2})) == std::set{1, 2});
  CHECK(drawn_tokens(prepared(logits, {.top_p = .5})) == std::set{1, 2});
  CHECK(drawn_tokens(prepared(logits, {.min_p = 1})) == std::set{1, 2, 3});
}

// Both logits give the same float probability; the order must still be that of the logits.
TEST_CASE("RowSampler: logits one unit in the last place apart keep their order", "[kernels]") {
  const float less = std::nextafter(1e-3F, 0.0F);
  CHECK(drawn_tokens(prepared({less, 1e-3F}, {.top_k = 1})) == std::set{1});
}

TEST_CASE("RowSampler: any truncation keeps the most likely token", "[kernels]") {
  const std::vector<float> logits{0.0F, 5.0F, 1.0F};
  CHECK(drawn_tokens(prepared(logits, {.top_k = 1})) == std::set{1});
  CHECK(drawn_tokens(prepared(logits, {.top_p = 1e-12})) == std::set{1});
  CHECK(drawn_tokens(prepared(logits, {.top_k = 1, .top_p = 1e-12, .min_p = 1})) == std::set{1});
}

// Over many seeds, so that the sum over a block's tokens falls short of the block's sum in some of them.
TEST_CASE("RowSampler: the ends of the unit interval draw tokens of positive probability", "[kernels]") {
  const auto vocab = GENERATE(3, 255, 256, 257, 700);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CAPTURE(vocab, seed);
    auto logits = random_logits(vocab, seed, 8.0F);  // small weights that round away beside large ones
    logits.front() = logits.back() = -kInfinity;
    const auto sampler = prepared(logits);
    CHECK(sampler.draw(0.0).token == 1);
    REQUIRE(sampler.draw(kAlmostOne).token < vocab);
    CHECK(std::isfinite(logits[static_cast<std::size_t>(sampler.draw(kAlmostOne).token)]));
  }
}

TEST_CASE("RowSampler: one candidate is always drawn, with log-probability 0", "[kernels]") {
  std::vector<float> logits(600, -kInfinity);
  logits[300] = -4.0F;
  const auto sampler = prepared(logits);
  for (const double u : {0.0, 0.5, kAlmostOne}) {
    CHECK(sampler.draw(u).token == 300);
    CHECK(sampler.draw(u).logp == 0.0F);
  }
}

TEST_CASE("RowSampler: the smallest temperature and the largest logits stay finite", "[kernels]") {
  constexpr float kHuge = 3e38F;
  const auto sampler = prepared({kHuge, -kHuge, 0.0F}, {.temperature = tempo::kernels::kMinTemperature});
  CHECK(drawn_tokens(sampler) == std::set{0});
  CHECK(sampler.entropy() == 0);
}

TEST_CASE("RowSampler: bfloat16 logits are those of float32 rounded", "[kernels]") {
  auto logits = random_logits(500, 43);
  std::vector<BFloat16> rounded;
  for (float& x : logits) {
    rounded.push_back(tempo::kernels::to_bfloat16(x));
    x = tempo::kernels::to_float(rounded.back());
  }
  const auto expected = prepared(logits, {.top_k = 50});
  RowSampler sampler(500);
  REQUIRE(sampler.prepare(rounded.data(), {.top_k = 50}) == RowStatus::kOk);
  CHECK(sampler.entropy() == expected.entropy());
  for (int i = 0; i < 100; ++i) {
    CHECK(sampler.draw(i / 100.0).token == expected.draw(i / 100.0).token);
    CHECK(sampler.draw(i / 100.0).logp == expected.draw(i / 100.0).logp);
  }
}

TEST_CASE("RowSampler: a row after another row gives what a new sampler gives", "[kernels]") {
  const auto first = random_logits(300, 47), second = random_logits(300, 53);
  auto sampler = prepared(first, {.temperature = 0});
  REQUIRE(sampler.prepare(second.data(), {}) == RowStatus::kOk);
  const auto fresh = prepared(second);
  for (int i = 0; i < 50; ++i) CHECK(sampler.draw(i / 50.0).token == fresh.draw(i / 50.0).token);
}

TEST_CASE("RowSampler: reports logits that make no distribution", "[kernels]") {
  const auto status = [](std::vector<float> logits) {
    return RowSampler(static_cast<std::int32_t>(logits.size())).prepare(logits.data(), SamplingParams{});
  };
  CHECK(status({0.0F, std::nanf(""), 1.0F}) == RowStatus::kNotFinite);
  CHECK(status({0.0F, kInfinity}) == RowStatus::kNotFinite);
  CHECK(status({-kInfinity, -kInfinity}) == RowStatus::kNotFinite);
  CHECK(status({-kInfinity, 0.0F}) == RowStatus::kOk);
}
