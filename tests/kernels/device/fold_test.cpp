#include "tempo/kernels/fold.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <vector>

#include "buffer.h"
#include "forest_sample.h"

using namespace tempo::kernels;
using Catch::Matchers::WithinRel;
using tempo::test::Buffer;
using tempo::test::DeviceSample;
using tempo::test::ForestSample;
using tempo::test::HostSample;
using tempo::test::in_any_order;
using Floats = std::vector<float>;
using Counts = std::vector<std::int32_t>;

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// Credit as no estimator would give it, but of every sign and zero.
struct Credit {
  explicit Credit(const ForestSample& sample) {
    for (std::size_t i = 0; i < sample.tokens.size(); ++i) {
      response.push_back(sample.rewards[i]);
      weight.push_back(static_cast<double>(i * 7 % 5) / 3);
    }
    for (std::size_t s = 0; s < sample.segments.size(); ++s)
      segment.push_back(sample.segments[s].parent < 0 ? 0 : static_cast<float>(s * 5 % 7) * 0.3F - 0.9F);
  }
  Floats response, segment;
  std::vector<double> weight;
};

struct Columns {
  Floats positive, negative, weight;
  Counts positive_count, negative_count;
  bool operator==(const Columns&) const = default;
};

Columns on_cpu(ForestSample& sample, const Credit& credit, bool with_tree = true) {
  const HostSample host(sample);
  const std::size_t n = at(sample.nodes());
  Columns c{Floats(n), Floats(n), Floats(n), Counts(n), Counts(n)};
  cpu::fold_credit(host.groups, host.plan, credit.response.data(),
                   with_tree ? credit.segment.data() : nullptr, credit.weight.data(),
                   {.positive = c.positive.data(),
                    .negative = c.negative.data(),
                    .weight = c.weight.data(),
                    .positive_count = c.positive_count.data(),
                    .negative_count = c.negative_count.data()});
  return c;
}

Columns on_device(const ForestSample& sample, const Credit& credit, bool with_tree = true) {
  DeviceSample device(sample);
  Buffer response(credit.response), segment(credit.segment);
  Buffer weights(credit.weight);
  const std::size_t n = at(sample.nodes());
  Buffer<float> positive(n), negative(n), weight(n);
  Buffer<std::int32_t> positive_count(n), negative_count(n);
  Buffer<SegmentFold> folds(sample.segments.size());
  TEMPO_BACKEND::fold_credit(device.groups, device.plan, response.data(),
                             with_tree ? segment.data() : nullptr, weights.data(),
                             {.positive = positive.data(),
                              .negative = negative.data(),
                              .weight = weight.data(),
                              .positive_count = positive_count.data(),
                              .negative_count = negative_count.data()},
                             folds.data(), nullptr);
  return {positive.values(), negative.values(), weight.values(), positive_count.values(),
          negative_count.values()};
}

void check_same_everywhere(ForestSample& sample) {
  const Credit credit(sample);
  const Columns expected = on_cpu(sample, credit);
  in_any_order([&] { CHECK(on_device(sample, credit) == expected); });
}

// What one response adds to the nodes of its path, walked from its end.
void add_response(const ForestSample& sample, const Credit& credit, std::size_t i, Columns& sums) {
  for (std::int32_t s = sample.response_segment[i]; sample.segments[at(s)].parent >= 0;
       s = sample.segments[at(s)].parent)
    for (std::int32_t n = sample.segments[at(s)].begin; n < sample.segments[at(s)].end; ++n) {
      const bool first = n == sample.segments[at(s)].begin;
      const float advantage = credit.response[i] + (first ? credit.segment[at(s)] : 0.0F);
      const auto weighted = static_cast<float>(credit.weight[i] * static_cast<double>(std::abs(advantage)));
      (advantage > 0 ? sums.positive : sums.negative)[at(n)] += weighted;
      sums.weight[at(n)] += static_cast<float>(credit.weight[i]);
      if (advantage != 0) ++(advantage > 0 ? sums.positive_count : sums.negative_count)[at(n)];
    }
}

void check_close(const Floats& got, const Floats& expected) {
  REQUIRE(got.size() == expected.size());
  // The expected sums of up to 20 terms are in float.
  for (std::size_t n = 0; n < got.size(); ++n) CHECK_THAT(got[n], WithinRel(expected[n], 20 * 6e-8F));
}

}  // namespace

TEST_CASE("fold_credit: a device computes what the CPU does, bit for bit", TEMPO_TAGS) {
  for (const std::int32_t size : {0, 1, 2, 31, 32, 33, 64, 65, 129}) {
    CAPTURE(size);
    ForestSample sample({.groups = 2, .fewest_responses = size, .most_responses = size, .longest = 12});
    check_same_everywhere(sample);
  }
}

TEST_CASE("fold_credit: lengths around a warp's interval", TEMPO_TAGS) {
  for (const std::int32_t length : {1, 31, 32, 33, 2047, 2048, 2049, 8193}) {
    CAPTURE(length);
    ForestSample sample({.groups = 2,
                         .fewest_responses = 3,
                         .most_responses = 3,
                         .longest = length,
                         .longest_prompt = 2100,
                         .shared = length / 2});
    check_same_everywhere(sample);
  }
}

TEST_CASE("fold_credit: the largest group", TEMPO_TAGS) {
  ForestSample sample(
      {.groups = 1, .fewest_responses = 1024, .most_responses = 1024, .longest = 6, .vocabulary = 7});
  const Credit credit(sample);
  CHECK(on_device(sample, credit) == on_cpu(sample, credit));
}

TEST_CASE("fold_credit: the sums over every response's tokens one by one", TEMPO_TAGS) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    ForestSample sample({.groups = 4, .most_responses = 20, .seed = seed});
    const Credit credit(sample);
    const std::size_t n = at(sample.nodes());
    Columns sums{Floats(n), Floats(n), Floats(n), Counts(n), Counts(n)};
    for (std::size_t i = 0; i < sample.tokens.size(); ++i) add_response(sample, credit, i, sums);
    const Columns got = on_device(sample, credit);
    check_close(got.positive, sums.positive);
    check_close(got.negative, sums.negative);
    check_close(got.weight, sums.weight);
    CHECK(got.positive_count == sums.positive_count);
    CHECK(got.negative_count == sums.negative_count);
  }
}

TEST_CASE("fold_credit: outcomes alone, and columns left out", TEMPO_TAGS) {
  ForestSample sample({.groups = 3, .most_responses = 9});
  const Credit credit(sample);
  CHECK(on_device(sample, credit, false) == on_cpu(sample, credit, false));
  DeviceSample device(sample);
  Buffer response(credit.response);
  Buffer weights(credit.weight);
  Buffer<float> negative(at(sample.nodes()));
  Buffer<SegmentFold> folds(sample.segments.size());
  TEMPO_BACKEND::fold_credit(device.groups, device.plan, response.data(), nullptr, weights.data(),
                             {.negative = negative.data()}, folds.data(), nullptr);
  CHECK(negative.values() == on_cpu(sample, credit, false).negative);
}

TEST_CASE("fold_credit: groups with an error are left alone", TEMPO_TAGS) {
  ForestSample sample({.groups = 3, .fewest_responses = 2});
  const Credit credit(sample);
  DeviceSample device(sample);
  Buffer error(std::vector<GroupsError>{GroupsError::kGroupOffsets});
  device.plan.error = error.data();
  Buffer response(credit.response), segment(credit.segment);
  Buffer weights(credit.weight);
  const Floats untouched(at(sample.nodes()), 5);
  Buffer positive(untouched);
  Buffer<SegmentFold> folds(sample.segments.size());
  TEMPO_BACKEND::fold_credit(device.groups, device.plan, response.data(), segment.data(), weights.data(),
                             {.positive = positive.data()}, folds.data(), nullptr);
  CHECK(positive.values() == untouched);
}

TEST_CASE("fold_credit: the traffic of 8 responses of 1,024 tokens, half of them shared",
          TEMPO_TAGS "[traffic]") {
  ForestSample sample = tempo::test::half_shared_sample();
  check_same_everywhere(sample);
}
