// From flat tokens to the node arrays of a forest, into arrays that are there: groups of 8 responses, of
// which the first `shared` percent of the tokens are equal.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "tempo/kernels/forest.h"

namespace {

using namespace tempo::kernels;

constexpr std::int32_t kResponses = 8;

struct Sample {
  explicit Sample(const benchmark::State& state)
      : groups(static_cast<std::int32_t>(state.range(0))),
        length(static_cast<std::int32_t>(state.range(1))),
        shared(static_cast<std::int32_t>(length * state.range(2) / 100)) {
    for (std::int32_t r = 0; r < groups * kResponses; ++r) {
      for (std::int32_t t = 0; t < length; ++t)
        tokens.push_back(t < shared ? t % 997 : 1000 + r % kResponses + t % 997);
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
    }
    for (std::int32_t g = 1; g <= groups; ++g) group_offsets.push_back(g * kResponses);
  }

  FlatGroups flat() const {
    return {.groups = groups,
            .responses = groups * kResponses,
            .largest_group = kResponses,
            .response_token_count = std::ssize(tokens),
            .group_offsets = group_offsets.data(),
            .response_offsets = response_offsets.data(),
            .response_tokens = tokens.data()};
  }
  std::int64_t nodes() const { return std::int64_t{groups} * (shared + (length - shared) * kResponses); }

  std::int32_t groups, length, shared;
  std::vector<std::int32_t> tokens, response_offsets{0}, group_offsets{0};
};

// Room for the forest of a sample.
struct Forest {
  explicit Forest(const Sample& sample)
      : responses(static_cast<std::size_t>(3 * sample.groups * kResponses)),
        groups(static_cast<std::size_t>(2 * (sample.groups + 1))),
        segments(static_cast<std::size_t>(most_segments(sample.groups, sample.groups * kResponses))),
        columns(6 * sample.tokens.size()),
        trainable(sample.tokens.size()) {
    const std::int64_t r = sample.groups * kResponses, n = std::ssize(sample.tokens);
    plan = {.leaf_response = responses.data(),
            .leaf_shared = responses.data() + r,
            .response_segment = responses.data() + 2 * r,
            .segments = segments.data(),
            .group_node = groups.data(),
            .group_segment = groups.data() + sample.groups + 1,
            .error = &error};
    std::int32_t* const first = columns.data();
    nodes = {.token = first,
             .parent = first + n,
             .depth = first + 2 * n,
             .weight = first + 3 * n,
             .first_leaf = first + 4 * n,
             .segment = first + 5 * n,
             .trainable = trainable.data()};
  }

  std::vector<std::int32_t> responses, groups;
  std::vector<ForestSegment> segments;
  std::vector<std::int32_t> columns;
  std::vector<std::uint8_t> trainable;
  GroupsError error{};
  ForestPlan plan;
  ForestNodes nodes;
};

void build(const Sample& sample, const Forest& forest) {
  cpu::plan_forest(sample.flat(), ForestMerge::kPrefixes, forest.plan);
  cpu::write_nodes(sample.flat(), forest.plan, forest.nodes);
}

// Reads the tokens, writes six int32 columns and one of bytes.
void BM_forest(benchmark::State& state) {
  const Sample sample(state);
  const Forest forest(sample);
  build(sample, forest);
  if (forest.error != GroupsError::kNone || forest.plan.group_node[sample.groups] != sample.nodes()) {
    state.SkipWithError("expected one node a distinct token");
    return;
  }
  for (auto _ : state) {
    build(sample, forest);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(sample.tokens));
  state.SetBytesProcessed(state.iterations() * (4 * std::ssize(sample.tokens) + 25 * sample.nodes()));
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"groups", "length", "shared"})
      ->ArgsProduct({{1, 2, 8, 64}, {128, 1024, 4096, 32768}, {0, 50, 100}})
      ->UseRealTime();
}

BENCHMARK(BM_forest)->Apply(shapes);

}  // namespace
