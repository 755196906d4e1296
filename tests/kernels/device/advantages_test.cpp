#include "tempo/kernels/advantages.h"

#include <algorithm>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "buffer.h"
#include "forest_sample.h"

using namespace tempo::kernels;
using tempo::test::Buffer;
using tempo::test::DeviceSample;
using tempo::test::ForestSample;
using tempo::test::HostSample;
using tempo::test::in_any_order;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

namespace {

constexpr Estimator kEstimators[] = {Estimator::kTempo, Estimator::kGrpo, Estimator::kDrGrpo,
                                     Estimator::kRloo};

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// Everything that the family computes of a sample.
struct Result {
  Doubles value, node_value;
  Floats response, segment, node_credit, advantages;
};

Result on_cpu(ForestSample& sample, const CreditOptions& options) {
  const HostSample host(sample);
  Result r{.value = Doubles(sample.segments.size()),
           .node_value = Doubles(at(sample.nodes())),
           .response = Floats(sample.tokens.size()),
           .segment = Floats(sample.segments.size()),
           .node_credit = Floats(at(sample.nodes())),
           .advantages = Floats(at(sample.response_offsets.back()))};
  cpu::assign_credit(host.groups, host.plan, sample.rewards.data(), options,
                     {.value = r.value.data(), .response = r.response.data(), .segment = r.segment.data()});
  cpu::write_node_values(host.groups, host.plan, r.value.data(), r.node_value.data());
  cpu::write_node_credit(host.groups, host.plan, r.segment.data(), r.node_credit.data());
  cpu::write_token_advantages(host.groups, host.plan, r.response.data(), r.segment.data(),
                              r.advantages.data());
  return r;
}

Result on_device(const ForestSample& sample, const CreditOptions& options) {
  DeviceSample device(sample);
  Buffer rewards(sample.rewards);
  Buffer<double> value(sample.segments.size()), node_value(at(sample.nodes()));
  Buffer<float> response(sample.tokens.size()), segment(sample.segments.size()),
      node_credit(at(sample.nodes())), advantages(at(sample.response_offsets.back()));
  TEMPO_BACKEND::assign_credit(
      device.groups, device.plan, rewards.data(), options,
      {.value = value.data(), .response = response.data(), .segment = segment.data()}, nullptr);
  TEMPO_BACKEND::write_node_values(device.groups, device.plan, value.data(), node_value.data(), nullptr);
  TEMPO_BACKEND::write_node_credit(device.groups, device.plan, segment.data(), node_credit.data(), nullptr);
  TEMPO_BACKEND::write_token_advantages(device.groups, device.plan, response.data(), segment.data(),
                                        advantages.data(), nullptr);
  return {.value = value.values(),
          .node_value = node_value.values(),
          .response = response.values(),
          .segment = segment.values(),
          .node_credit = node_credit.values(),
          .advantages = advantages.values()};
}

// Equal bits: 0 and -0 differ.
template <typename T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](T x, T y) { return std::bit_cast<Bits>(x) == std::bit_cast<Bits>(y); });
}

void check_same(const Result& got, const Result& expected) {
  CHECK(same(got.value, expected.value));
  CHECK(same(got.response, expected.response));
  CHECK(same(got.segment, expected.segment));
  CHECK(same(got.node_value, expected.node_value));
  CHECK(same(got.node_credit, expected.node_credit));
  CHECK(same(got.advantages, expected.advantages));
}

void check_same_everywhere(ForestSample& sample, const CreditOptions& options) {
  const Result expected = on_cpu(sample, options);
  in_any_order([&] { check_same(on_device(sample, options), expected); });
}

// Returns the mean reward of the group's responses that begin with the first `size` tokens of response i.
double value_by_definition(const ForestSample& sample, std::int32_t begin, std::int32_t end, std::int32_t i,
                           std::int32_t size) {
  const auto& own = sample.tokens[at(i)];
  double sum = 0, count = 0;
  for (std::int32_t j = begin; j < end; ++j) {
    const auto& other = sample.tokens[at(j)];
    if (std::ssize(other) < size || !std::equal(own.begin(), own.begin() + size, other.begin())) continue;
    sum += static_cast<double>(sample.rewards[at(j)]), ++count;
  }
  return sum / count;
}

double std_by_definition(const ForestSample& sample, std::int32_t begin, std::int32_t end, double mean) {
  double squares = 0;
  for (std::int32_t i = begin; i < end; ++i)
    squares += std::pow(static_cast<double>(sample.rewards[at(i)]) - mean, 2);
  return end - begin == 1 ? 0 : std::sqrt(squares / (end - begin - 1));
}

}  // namespace

TEST_CASE("assign_credit: a device computes what the CPU does, bit for bit", TEMPO_TAGS) {
  for (const std::int32_t size : {0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 129}) {
    CAPTURE(size);
    ForestSample sample({.groups = 2, .fewest_responses = size, .most_responses = size, .longest = 12});
    for (const Estimator estimator : kEstimators)
      for (const double shrinkage : {0.0, 1.5})
        check_same_everywhere(sample, {.estimator = estimator, .value_shrinkage = shrinkage});
  }
}

TEST_CASE("assign_credit: random forests", TEMPO_TAGS) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    ForestSample sample({.groups = 5, .most_responses = 20, .seed = seed});
    check_same_everywhere(sample, {.divide_by_std = seed % 2 == 0});
  }
}

TEST_CASE("assign_credit: the largest group, of distinct, equal and nested responses", TEMPO_TAGS) {
  ForestSample distinct(
      {.groups = 1, .fewest_responses = 1024, .most_responses = 1024, .longest = 3, .vocabulary = 100});
  ForestSample equal(
      {.groups = 1, .fewest_responses = 1024, .most_responses = 1024, .longest = 1, .vocabulary = 1});
  std::vector<std::vector<std::int32_t>> chain;
  for (std::size_t i = 0; i < 1024; ++i) chain.emplace_back(i % 300, 7);
  ForestSample nested(chain);
  for (std::size_t i = 0; i < 1024; ++i) nested.rewards[i] = static_cast<float>(i * i % 37);
  for (ForestSample* sample : {&distinct, &equal, &nested}) {
    const Result expected = on_cpu(*sample, {});
    check_same(on_device(*sample, {}), expected);
  }
}

TEST_CASE("write_token_advantages: lengths around a warp's interval", TEMPO_TAGS) {
  for (const std::int32_t length : {1, 31, 32, 33, 127, 2047, 2048, 2049, 8191, 8193}) {
    CAPTURE(length);
    ForestSample sample(
        {.groups = 1, .fewest_responses = 3, .most_responses = 3, .longest = length, .shared = length / 2});
    check_same_everywhere(sample, {});
  }
}

TEST_CASE("write_token_advantages: many empty and short responses", TEMPO_TAGS) {
  for (const std::int32_t longest : {0, 1, 2}) {
    CAPTURE(longest);
    ForestSample sample({.groups = 20, .most_responses = 40, .longest = longest, .longest_prompt = 1});
    check_same_everywhere(sample, {});
  }
}

TEST_CASE("write_token_advantages: the definition, to 1e-6", TEMPO_TAGS) {
  ForestSample sample({.groups = 6, .fewest_responses = 1, .most_responses = 12, .seed = 5});
  const Floats got = on_device(sample, {.divide_by_std = true}).advantages;
  for (std::size_t g = 0; g + 1 < sample.group_offsets.size(); ++g) {
    const std::int32_t begin = sample.group_offsets[g], end = sample.group_offsets[g + 1];
    const double mean = value_by_definition(sample, begin, end, begin, 0);
    const double norm = std_by_definition(sample, begin, end, mean) + 1e-6;
    for (std::int32_t i = begin; i < end; ++i)
      for (std::int32_t t = 0; t < std::ssize(sample.tokens[at(i)]); ++t) {
        const double step =
            value_by_definition(sample, begin, end, i, t + 1) - value_by_definition(sample, begin, end, i, t);
        const double expected = (static_cast<double>(sample.rewards[at(i)]) - mean + step) / norm;
        // Floats of size below 4 are rounded by at most 2.4e-7, twice.
        REQUIRE(std::abs(static_cast<double>(got[at(sample.response_offsets[at(i)] + t)]) - expected) < 1e-6);
      }
  }
}

TEST_CASE("write_token_advantages: permuted responses get the same bits", TEMPO_TAGS) {
  ForestSample sample({.groups = 1, .fewest_responses = 40, .most_responses = 40, .longest = 4});
  const Result result = on_device(sample, {});
  ForestSample permuted = sample;
  const std::size_t size = sample.tokens.size();
  for (std::size_t i = 0; i < size; ++i) {
    permuted.tokens[i] = sample.tokens[i * 7 % size];
    permuted.rewards[i] = sample.rewards[i * 7 % size];
    permuted.response_offsets[i + 1] =
        permuted.response_offsets[i] + static_cast<std::int32_t>(permuted.tokens[i].size());
  }
  permuted.plan();
  const Result got = on_device(permuted, {});
  CHECK(same(got.segment, result.segment));
  for (std::size_t i = 0; i < size; ++i) {
    CHECK(got.response[i] == result.response[i * 7 % size]);
    CHECK(std::equal(got.advantages.begin() + permuted.response_offsets[i],
                     got.advantages.begin() + permuted.response_offsets[i + 1],
                     result.advantages.begin() + sample.response_offsets[i * 7 % size]));
  }
}

TEST_CASE("write_token_advantages: equal rewards give zeros", TEMPO_TAGS) {
  ForestSample sample({.groups = 4, .most_responses = 33});
  std::fill(sample.rewards.begin(), sample.rewards.end(), 0.1F);
  for (const Estimator estimator : kEstimators) {
    const Result got = on_device(sample, {.estimator = estimator, .epsilon = 0, .value_shrinkage = 0.3});
    CHECK(same(got.advantages, Floats(got.advantages.size())));
    CHECK(same(got.segment, Floats(got.segment.size())));
  }
}

TEST_CASE("write_token_advantages: without a shared prefix all but the first token is GRPO", TEMPO_TAGS) {
  ForestSample sample({.groups = 1, .fewest_responses = 37, .most_responses = 37, .shared = 1});
  for (std::size_t i = 0; i < sample.tokens.size(); ++i) sample.tokens[i][0] = static_cast<std::int32_t>(i);
  sample.plan();
  const Result tempo = on_device(sample, {}), grpo = on_device(sample, {.estimator = Estimator::kGrpo});
  for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
    const std::size_t first = at(sample.response_offsets[i]), end = at(sample.response_offsets[i + 1]);
    CHECK(tempo.advantages[first] == 2 * grpo.advantages[first]);
    for (std::size_t t = first + 1; t < end; ++t) REQUIRE(tempo.advantages[t] == grpo.advantages[t]);
  }
}

TEST_CASE("write_token_advantages: outcomes alone need no plan", TEMPO_TAGS) {
  ForestSample sample({.groups = 3, .most_responses = 9, .longest = 300});
  const CreditOptions options{.estimator = Estimator::kRloo};
  const Result expected = on_cpu(sample, options);
  DeviceSample device(sample);
  Buffer rewards(sample.rewards);
  Buffer<float> response(sample.tokens.size()), advantages(expected.advantages.size());
  TEMPO_BACKEND::assign_credit(device.groups, {}, rewards.data(), options, {.response = response.data()},
                               nullptr);
  TEMPO_BACKEND::write_token_advantages(device.groups, {}, response.data(), nullptr, advantages.data(),
                                        nullptr);
  CHECK(same(response.values(), expected.response));
  CHECK(same(advantages.values(), expected.advantages));
}

TEST_CASE("assign_credit: groups with an error are left alone", TEMPO_TAGS) {
  ForestSample sample({.groups = 3, .fewest_responses = 2});
  DeviceSample device(sample);
  Buffer rewards(sample.rewards);
  Buffer error(std::vector<GroupsError>{GroupsError::kNegativeToken});
  device.plan.error = error.data();
  const std::vector<float> untouched(sample.tokens.size(), 5), tokens(at(sample.response_offsets.back()), 5);
  Buffer response(untouched), advantages(tokens);
  Buffer<float> segment(sample.segments.size());
  TEMPO_BACKEND::assign_credit(device.groups, device.plan, rewards.data(), {},
                               {.response = response.data(), .segment = segment.data()}, nullptr);
  TEMPO_BACKEND::write_token_advantages(device.groups, device.plan, response.data(), segment.data(),
                                        advantages.data(), nullptr);
  CHECK(response.values() == untouched);
  CHECK(advantages.values() == tokens);
}

TEST_CASE("advantages: the traffic of 8 responses of 1,024 tokens, half of them shared",
          TEMPO_TAGS "[traffic]") {
  ForestSample sample = tempo::test::half_shared_sample();
  check_same_everywhere(sample, {});
}
