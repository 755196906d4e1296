// Groups of responses of one length, of which the first `shared` percent of the tokens are equal; their
// forest's arrays where a backend has them.
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tempo/kernels/advantages.h"
#include "tempo/kernels/forest.h"

namespace tempo::bench {

inline std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

struct ForestSample {
  explicit ForestSample(const benchmark::State& state)
      : groups(static_cast<std::int32_t>(state.range(0))),
        size(static_cast<std::int32_t>(state.range(1))),
        length(static_cast<std::int32_t>(state.range(2))),
        shared(static_cast<std::int32_t>(length * state.range(3) / 100)) {
    tokens.reserve(at(std::int64_t{groups} * size * length));
    for (std::int32_t r = 0; r < groups * size; ++r) {
      for (std::int32_t t = 0; t < length; ++t) tokens.push_back(token(r, t));
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
      rewards.push_back(static_cast<float>(r % 2));
    }
    for (std::int32_t g = 1; g <= groups; ++g) group_offsets.push_back(g * size);
  }

  std::int32_t token(std::int32_t response, std::int32_t t) const {
    return t < shared ? t % 997 : 1000 + response % size + t % 997;
  }
  std::int64_t nodes() const {
    return std::int64_t{groups} * (shared + std::int64_t{length - shared} * size);
  }
  // Half of the rewards are 0, half 1: the unbiased variance is n / (4 (n - 1)).
  double outcome() const { return 0.5 / std::sqrt(size / (4.0 * (size - 1))); }
  // Of the last response, whose reward is 1: where the tree branches its value rises by another half.
  double advantage(std::int32_t t) const { return (t == shared ? 2 : 1) * outcome(); }

  std::int32_t groups, size, length, shared;
  std::vector<std::int32_t> tokens, response_offsets{0}, group_offsets{0};
  std::vector<float> rewards;
};

// A sample, room for its plan and for what is computed of its segments.
template <typename Backend>
class PlannedForest {
 public:
  template <typename T>
  using Buffer = typename Backend::template Buffer<T>;

  explicit PlannedForest(const ForestSample& sample)
      : tokens_(sample.tokens),
        response_offsets_(sample.response_offsets),
        group_offsets_(sample.group_offsets),
        rewards_(sample.rewards),
        responses_(3 * sample.rewards.size()),
        group_arrays_(2 * sample.group_offsets.size()),
        segments_(at(kernels::most_segments(sample.groups, sample.groups * sample.size))),
        value_(segments_.size()),
        response_credit_(sample.rewards.size()),
        segment_credit_(segments_.size()),
        workspace_(workspace_bytes(sample)) {
    const std::int64_t r = std::ssize(sample.rewards);
    groups = sizes(sample);
    groups.group_offsets = group_offsets_.data();
    groups.response_offsets = response_offsets_.data();
    groups.response_tokens = tokens_.data();
    plan = {.leaf_response = responses_.data(),
            .leaf_shared = responses_.data() + r,
            .response_segment = responses_.data() + 2 * r,
            .segments = segments_.data(),
            .group_node = group_arrays_.data(),
            .group_segment = group_arrays_.data() + sample.groups + 1,
            .error = error_.data()};
    credit = {.value = value_.data(), .response = response_credit_.data(), .segment = segment_credit_.data()};
  }

  void make_plan() { Backend::plan_forest(groups, plan, workspace_.data()); }
  void assign_credit() { Backend::assign_credit(groups, plan, rewards_.data(), credit); }

  std::size_t most_segments() const { return segments_.size(); }
  std::int32_t planned_nodes() const { return group_arrays_.values()[at(groups.groups)]; }
  kernels::GroupsError error() const { return error_.values()[0]; }

  kernels::FlatGroups groups;
  kernels::ForestPlan plan;
  kernels::SegmentCredit credit;

 private:
  static kernels::FlatGroups sizes(const ForestSample& sample) {
    kernels::FlatGroups result;
    result.groups = sample.groups;
    result.responses = sample.groups * sample.size;
    result.largest_group = sample.size;
    result.response_token_count = std::ssize(sample.tokens);
    return result;
  }
  static std::size_t workspace_bytes(const ForestSample& sample) {
    return kernels::forest_workspace_bytes(sizes(sample));
  }

  Buffer<std::int32_t> tokens_, response_offsets_, group_offsets_;
  Buffer<float> rewards_;
  Buffer<std::int32_t> responses_, group_arrays_;
  Buffer<kernels::ForestSegment> segments_;
  Buffer<double> value_;
  Buffer<float> response_credit_, segment_credit_;
  Buffer<kernels::GroupsError> error_{std::size_t{1}};
  Buffer<std::uint8_t> workspace_;
};

// As many groups as make 8 million tokens, more than the caches hold; and one group of 8.
inline void forest_shapes(benchmark::internal::Benchmark* benchmark) {
  constexpr std::int64_t kTokens = 1 << 23;
  benchmark->ArgNames({"groups", "responses", "length", "shared"});
  for (const std::int64_t length : {128, 1024, 4096, 32768})
    for (const std::int64_t shared : {0, 50, 100}) {
      benchmark->Args({1, 8, length, shared});
      for (const std::int64_t size : {2, 8, 64})
        benchmark->Args({kTokens / (size * length), size, length, shared});
    }
}

}  // namespace tempo::bench
