// From flat arrays of sampled tokens to forests, advantages and the fold: groups of 8 responses of 4,096
// tokens, of which the first `shared` percent are equal.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/credit/fold.h"
#include "tempo/tree/forest.h"

namespace {

using namespace tempo;

constexpr std::int32_t kResponses = 8, kLength = 4096;

struct Sample {
  explicit Sample(const benchmark::State& state)
      : groups(static_cast<std::int32_t>(state.range(0))),
        shared(static_cast<std::int32_t>(kLength * state.range(1) / 100)) {
    for (std::int32_t r = 0; r < groups * kResponses; ++r) {
      for (std::int32_t t = 0; t < kLength; ++t)
        tokens.push_back(t < shared ? t % 997 : 1000 + r % kResponses + t % 997);
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
      rewards.push_back(static_cast<float>(r % 2));
    }
    for (std::int32_t g = 1; g <= groups; ++g) group_offsets.push_back(g * kResponses);
  }

  tree::FlatGroups flat() const {
    return {.response_tokens = tokens, .response_offsets = response_offsets, .group_offsets = group_offsets};
  }
  std::int64_t distinct_tokens() const {
    return std::int64_t{groups} * (shared + (kLength - shared) * kResponses);
  }
  // The advantage of the last response's token: its reward is 1 and the mean 1/2, the unbiased variance of
  // four zeros and four ones is 2/7; where the tree branches the value rises by another half.
  double advantage(std::int32_t token) const {
    return (token == shared ? 2 : 1) * 0.5 / std::sqrt(2.0 / 7.0);
  }

  std::int32_t groups, shared;
  std::vector<std::int32_t> tokens, response_offsets{0}, group_offsets{0};
  std::vector<float> rewards;
};

bool is_advantage(const Sample& sample, const std::vector<float>& advantages) {
  if (advantages.size() != sample.tokens.size()) return false;
  for (std::int32_t t = 0; t < kLength; ++t) {
    const float got = advantages[advantages.size() - kLength + static_cast<std::size_t>(t)];
    if (std::abs(got - sample.advantage(t)) > 1e-5) return false;
  }
  return true;
}

std::int64_t node_bytes() {
  const tree::Forest f;
  return static_cast<std::int64_t>(sizeof(f.token[0]) + sizeof(f.parent[0]) + sizeof(f.depth[0]) +
                                   sizeof(f.weight[0]) + sizeof(f.first_leaf[0]) + sizeof(f.node_segment[0]) +
                                   sizeof(f.trainable[0]) + sizeof(f.old_logp[0]) + sizeof(f.entropy[0]));
}

void set_processed(benchmark::State& state, const Sample& sample, std::int64_t bytes) {
  state.SetItemsProcessed(state.iterations() * std::ssize(sample.tokens));
  state.SetBytesProcessed(state.iterations() * bytes);
}

// Reads the tokens, writes the columns of the nodes.
void BM_build_forest(benchmark::State& state) {
  const Sample sample(state);
  if (tree::build_forest(sample.flat()).nodes() != sample.distinct_tokens()) {
    state.SkipWithError("expected one node a distinct token");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(tree::build_forest(sample.flat()));
  set_processed(state, sample, 4 * std::ssize(sample.tokens) + node_bytes() * sample.distinct_tokens());
}

// Reads the tokens, writes their advantages, without a forest.
void BM_token_advantages(benchmark::State& state) {
  const Sample sample(state);
  if (!is_advantage(sample, credit::token_advantages(sample.flat(), sample.rewards))) {
    state.SkipWithError("expected the advantages of the definition");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(credit::token_advantages(sample.flat(), sample.rewards));
  set_processed(state, sample, 8 * std::ssize(sample.tokens));
}

// Writes one number a node.
void BM_assign_credit(benchmark::State& state) {
  const Sample sample(state);
  const tree::Forest forest = tree::build_forest(sample.flat());
  const credit::Credit expected = credit::assign_credit(forest, sample.rewards);
  if (!is_advantage(sample, credit::token_advantages(forest, expected))) {
    state.SkipWithError("expected the advantages of the definition");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(credit::assign_credit(forest, sample.rewards));
  set_processed(state, sample, 4 * sample.distinct_tokens());
}

// Reads one number a node, writes five.
void BM_fold_credit(benchmark::State& state) {
  const Sample sample(state);
  const tree::Forest forest = tree::build_forest(sample.flat());
  const credit::Credit credit = credit::assign_credit(forest, sample.rewards);
  const std::vector<double> weights(sample.rewards.size(), 1.0);
  const credit::FoldedCredit folded = credit::fold_credit(forest, credit, weights);
  double weight = 0;
  for (const float w : folded.weight) weight += static_cast<double>(w);
  if (weight != static_cast<double>(sample.tokens.size())) {
    state.SkipWithError("expected the weights of all tokens");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(credit::fold_credit(forest, credit, weights));
  set_processed(state, sample, 24 * sample.distinct_tokens());
}

// One group stays in the caches, 32 do not.
void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"groups", "shared"})->ArgsProduct({{1, 32}, {0, 50, 100}});
}

BENCHMARK(BM_build_forest)->Apply(shapes);
BENCHMARK(BM_token_advantages)->Apply(shapes);
BENCHMARK(BM_assign_credit)->Apply(shapes);
BENCHMARK(BM_fold_credit)->Apply(shapes);

}  // namespace
