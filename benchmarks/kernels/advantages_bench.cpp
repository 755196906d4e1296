// The CPU's advantages: groups of `responses` responses of `length` tokens, of which the first `shared`
// percent are equal, 8 million tokens in all: more than the caches hold.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/copy_bandwidth.h"
#include "tempo/credit/advantages.h"
#include "tempo/kernels/advantages.h"
#include "tempo/tree/forest.h"

namespace {

using namespace tempo;

constexpr std::int32_t kTokens = 1 << 23;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// The groups and their planned forest, which has a trunk, if any, and a branch a response, if any.
struct Sample {
  explicit Sample(const benchmark::State& state)
      : size(static_cast<std::int32_t>(state.range(0))),
        length(static_cast<std::int32_t>(state.range(1))),
        shared(static_cast<std::int32_t>(length * state.range(2) / 100)) {
    const std::int32_t count = kTokens / (size * length);
    for (std::int32_t r = 0; r < count * size; ++r) {
      for (std::int32_t t = 0; t < length; ++t)
        tokens.push_back(t < shared ? t % 997 : 1000 + r % size + t % 997);
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
      rewards.push_back(static_cast<float>(r % 2));
      leaf_response.push_back(r);
    }
    for (std::int32_t g = 0; g < count; ++g) plan_group(g);
  }

  void plan_group(std::int32_t group) {
    const auto root = static_cast<std::int32_t>(segments.size());
    const std::int32_t leaf = group * size;
    const auto add = [&](std::int32_t nodes, std::int32_t parent, std::int32_t first, std::int32_t weight) {
      kernels::ForestSegment segment{};
      segment.begin = segments.empty() ? 0 : segments.back().end;
      segment.end = segment.begin + nodes;
      segment.parent = parent, segment.first_leaf = first, segment.weight = weight;
      segments.push_back(segment);
    };
    add(0, -1, leaf, size);
    if (shared > 0) add(shared, root, leaf, size);
    const auto trunk = static_cast<std::int32_t>(segments.size()) - 1;
    for (std::int32_t i = 0; i < size; ++i) {
      if (shared < length) add(length - shared, trunk, leaf + i, 1);
      response_segment.push_back(static_cast<std::int32_t>(segments.size()) - 1);
    }
    group_offsets.push_back(leaf + size);
    group_node.push_back(segments.back().end);
    group_segment.push_back(static_cast<std::int32_t>(segments.size()));
  }

  tree::FlatGroups flat() const {
    return {.response_tokens = tokens, .response_offsets = response_offsets, .group_offsets = group_offsets};
  }
  kernels::FlatGroups groups() const {
    kernels::FlatGroups result;
    result.groups = static_cast<std::int32_t>(group_offsets.size()) - 1;
    result.responses = static_cast<std::int32_t>(rewards.size());
    result.largest_group = size;
    result.response_token_count = std::ssize(tokens);
    result.group_offsets = group_offsets.data();
    result.response_offsets = response_offsets.data();
    return result;
  }
  kernels::ForestPlan plan() {
    kernels::ForestPlan result;
    result.leaf_response = leaf_response.data();
    result.response_segment = response_segment.data();
    result.segments = segments.data();
    result.group_node = group_node.data();
    result.group_segment = group_segment.data();
    return result;
  }

  std::int32_t size, length, shared;
  std::vector<std::int32_t> tokens, response_offsets{0}, group_offsets{0};
  std::vector<float> rewards;
  std::vector<std::int32_t> leaf_response, response_segment, group_node{0}, group_segment{0};
  std::vector<kernels::ForestSegment> segments;
};

// Half of the rewards are 0, half 1: the unbiased variance is n / (4 (n - 1)). Where the tree branches the
// value of a response with reward 1 rises by another half.
bool is_advantage(const Sample& sample, const std::vector<float>& advantages) {
  const double n = sample.size, outcome = 0.5 / std::sqrt(n / (4 * (n - 1)));
  for (std::int32_t t = 0; t < sample.length; ++t) {
    const double got = static_cast<double>(advantages[advantages.size() - at(sample.length - t)]);
    if (std::abs(got - (t == sample.shared ? 2 : 1) * outcome) > 1e-5) return false;
  }
  return true;
}

// Times `work`, which writes `advantages`. A token is 4 bytes read and 4 written.
template <typename Work>
void time_advantages(benchmark::State& state, const Sample& sample, const std::vector<float>& advantages,
                     const Work& work) {
  const double copy = bench::copy_bandwidth();
  work();
  if (!is_advantage(sample, advantages)) {
    state.SkipWithError("expected the advantages of the definition");
    return;
  }
  for (auto _ : state) {
    work();
    benchmark::ClobberMemory();
  }
  const double bytes = 8.0 * kTokens * static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * kTokens);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["of_copy"] = benchmark::Counter(bytes / copy, benchmark::Counter::kIsRate);
}

// From tokens and rewards to advantages.
void BM_kernel_token_advantages(benchmark::State& state) {
  const Sample sample(state);
  std::vector<float> advantages(kTokens);
  time_advantages(state, sample, advantages,
                  [&] { credit::write_token_advantages(sample.flat(), sample.rewards, {}, advantages); });
}

// From a plan and rewards to advantages: reads no tokens, but counts them.
void BM_kernel_planned_advantages(benchmark::State& state) {
  Sample sample(state);
  const kernels::FlatGroups groups = sample.groups();
  const kernels::ForestPlan plan = sample.plan();
  std::vector<float> advantages(kTokens), response(sample.rewards.size()), segment(sample.segments.size());
  time_advantages(state, sample, advantages, [&] {
    kernels::cpu::assign_credit(groups, plan, sample.rewards.data(), {},
                                {.response = response.data(), .segment = segment.data()});
    kernels::cpu::write_token_advantages(groups, plan, response.data(), segment.data(), advantages.data());
  });
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"responses", "length", "shared"})->UseRealTime();
  benchmark->ArgsProduct({{8}, {4096}, {0, 50, 100}});
  benchmark->ArgsProduct({{2, 64}, {128, 32768}, {0, 50, 100}});
}

BENCHMARK(BM_kernel_token_advantages)->Apply(shapes);
BENCHMARK(BM_kernel_planned_advantages)->Apply(shapes);

}  // namespace
