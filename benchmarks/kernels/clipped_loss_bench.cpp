// The clipped loss of nodes with its gradient and statistics, with and without a reference model, by one
// thread.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "tempo/kernels/clipped_loss.h"

namespace {

using namespace tempo::kernels;

// Ratios of 1, so that the loss is the sum of A- - A+; the reference model is the policy.
struct Nodes {
  explicit Nodes(const benchmark::State& state) : nodes(state.range(0)), reference(state.range(1) != 0) {
    for (std::int64_t n = 0; n < nodes; ++n) {
      const float at = static_cast<float>(n % 7);
      logp.push_back(-at);
      entropy.push_back(0.5F * at);
      positive.push_back(n % 2 == 0 ? 0.25F : 0.0F);
      negative.push_back(n % 2 == 0 ? 0.0F : 0.5F);
    }
    old_logp = ref_logp = logp;
    weight.assign(logp.size(), 1.0F);
    count = positive_count = negative_count = std::vector<std::int32_t>(logp.size(), 1);
    d_logp.resize(logp.size());
    d_entropy.resize(logp.size());
  }

  ClippedLossArgs args() {
    return {.nodes = nodes,
            .logp = logp.data(),
            .old_logp = old_logp.data(),
            .entropy = entropy.data(),
            .ref_logp = reference ? ref_logp.data() : nullptr,
            .positive = positive.data(),
            .negative = negative.data(),
            .weight = weight.data(),
            .count = count.data(),
            .positive_count = positive_count.data(),
            .negative_count = negative_count.data(),
            .kl_coefficient = reference ? 0.1F : 0.0F,
            .d_logp = d_logp.data(),
            .d_entropy = d_entropy.data(),
            .sums = &sums};
  }
  bool has_loss() const {
    const double expected =
        0.5 * static_cast<double>(nodes / 2) - 0.25 * static_cast<double>((nodes + 1) / 2);
    return sums.loss == expected && d_logp[0] == -0.25F && d_logp[1] == 0.5F &&
           sums.tokens == static_cast<double>(nodes);
  }
  // Six or seven columns and three counts are read, two gradients written.
  std::int64_t bytes() const { return nodes * 4 * (reference ? 12 : 11); }

  std::int64_t nodes;
  bool reference;
  std::vector<float> logp, old_logp, ref_logp, entropy, positive, negative, weight, d_logp, d_entropy;
  std::vector<std::int32_t> count, positive_count, negative_count;
  ClippedLossSums sums;
};

void BM_clipped_loss(benchmark::State& state) {
  Nodes nodes(state);
  cpu::clipped_loss(nodes.args());
  if (!nodes.has_loss()) {
    state.SkipWithError("expected the loss of unchanged log-probabilities");
    return;
  }
  for (auto _ : state) {
    cpu::clipped_loss(nodes.args());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * nodes.nodes);
  state.SetBytesProcessed(state.iterations() * nodes.bytes());
}

// A group of 8 responses of 1,024 tokens, half of them shared; and more than the caches hold.
BENCHMARK(BM_clipped_loss)->ArgNames({"nodes", "reference"})->ArgsProduct({{4'608, 1 << 20}, {0, 1}});

}  // namespace
