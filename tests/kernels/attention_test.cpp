#include "tempo/kernels/attention.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace tempo::kernels;

namespace {

// Three queries of two heads, which see 68 to 70 keys that lie in two ranges of exactly as many slots.
struct Fixture {
  explicit Fixture(std::int64_t width_in) : width(width_in) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (auto* values : {&query, &grad_output})
      values->resize(static_cast<std::size_t>(kQueries * 2 * width));
    for (auto* values : {&key, &value}) values->resize(static_cast<std::size_t>(kKeys * width));
    for (auto* values : {&query, &grad_output, &key, &value}) {
      for (float& number : *values) number = normal(random);
    }
  }

  AttentionInputs<float> inputs() const {
    return {{2, 1, width, 0.25F}, {query.data(), 2 * width}, {key.data(), width}, {value.data(), width}};
  }
  AttentionTile tile() const { return {0, kQueries, kKeys - kQueries + 1, 0, ranges}; }

  // The weight of the path's key `position` in row (t, head), and its slot.
  static std::int64_t slot(std::int64_t position) { return position < 30 ? 40 + position : position - 30; }
  std::vector<double> weights(std::int64_t t, std::int64_t head) const {
    std::vector<double> weight;
    double sum = 0.0;
    for (std::int64_t j = 0; j < kKeys - kQueries + 1 + t; ++j) {
      double score = 0.0;
      for (std::int64_t e = 0; e < width; ++e) {
        score += static_cast<double>(query[static_cast<std::size_t>((2 * t + head) * width + e)]) *
                 key[static_cast<std::size_t>(slot(j) * width + e)];
      }
      weight.push_back(std::exp(0.25 * score));
      sum += weight.back();
    }
    for (double& w : weight) w /= sum;
    return weight;
  }

  static constexpr std::int64_t kQueries = 3, kKeys = 70;
  std::int64_t width;
  std::vector<float> query, key, value, grad_output;
  std::vector<KeyRange> ranges{{40, 70}, {0, 40}};
};

}  // namespace

TEST_CASE("attention_forward: writes the weighted sum of the values that a query sees", "[kernels]") {
  const std::int64_t width = GENERATE(7, 16, 64, 80);
  const Fixture fixture(width);
  std::vector<float> output(fixture.query.size()), logsumexp(6);
  AttentionScratch scratch;
  attention_forward(fixture.inputs(), fixture.tile(), {output.data(), 2 * width}, logsumexp.data(), scratch);
  for (std::int64_t i = 0; i < std::ssize(output); ++i) {
    const std::vector<double> weight = fixture.weights(i / (2 * width), i / width % 2);
    double sum = 0.0;
    for (std::int64_t j = 0; j < std::ssize(weight); ++j) {
      const std::int64_t at = Fixture::slot(j) * width + i % width;
      sum += weight[static_cast<std::size_t>(j)] * fixture.value[static_cast<std::size_t>(at)];
    }
    // 70 weights that add up to 1 times values below 4, each with a relative error of about 80 roundings.
    REQUIRE(std::abs(output[static_cast<std::size_t>(i)] - sum) < 4 * 80 * 0x1.0p-24);
  }
}

TEST_CASE("attention_backward: adds weight times gradient to the values' slots", "[kernels]") {
  const std::int64_t width = GENERATE(7, 64);
  const Fixture fixture(width);
  std::vector<float> output(fixture.query.size()), logsumexp(6), grad_query(output.size());
  std::vector<float> grad_key(fixture.key.size()), grad_value(fixture.key.size(), 1.0F);
  AttentionScratch scratch;
  attention_forward(fixture.inputs(), fixture.tile(), {output.data(), 2 * width}, logsumexp.data(), scratch);
  attention_backward<float>(fixture.inputs(), fixture.tile(),
                            {{output.data(), 2 * width},
                             {fixture.grad_output.data(), 2 * width},
                             logsumexp.data(),
                             {grad_query.data(), 2 * width},
                             {grad_key.data(), width},
                             {grad_value.data(), width}},
                            scratch);
  for (std::int64_t j = 0; j < Fixture::kKeys; ++j) {
    double sum = 1.0;
    for (std::int64_t row = 0; row < 6; ++row) {
      const std::vector<double> weight = fixture.weights(row / 2, row % 2);
      const bool seen = j < std::ssize(weight);
      sum += seen ? weight[static_cast<std::size_t>(j)] *
                        fixture.grad_output[static_cast<std::size_t>(row * width)]
                  : 0.0;
    }
    const auto at = static_cast<std::size_t>(Fixture::slot(j) * width);
    REQUIRE(std::abs(grad_value[at] - sum) < 6 * 4 * 80 * 0x1.0p-24);
  }
}
