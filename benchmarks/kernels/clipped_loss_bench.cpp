// The clipped loss of nodes with its gradient and statistics, with and without a reference model; on the CPU
// by one thread.
#include <cstdint>
#include <vector>

#include "backends.h"
#include "tempo/kernels/clipped_loss.h"
#include "timing.h"

namespace {

using namespace tempo::bench;
using namespace tempo::kernels;

// A column whose numbers repeat every `period` nodes.
template <typename T, typename Number>
std::vector<T> column(std::int64_t nodes, std::int64_t period, const Number& number) {
  std::vector<T> result;
  for (std::int64_t n = 0; n < nodes; ++n) result.push_back(static_cast<T>(number(n % period)));
  return result;
}

// Ratios of 1, so that the loss is the sum of A- - A+; the reference model is the policy.
template <typename Backend>
struct Nodes {
  template <typename T>
  using Buffer = typename Backend::template Buffer<T>;

  explicit Nodes(const benchmark::State& state)
      : size(state.range(0)),
        reference(state.range(1) != 0),
        logp(column<float>(size, 7, [](auto i) { return -i; })),
        old_logp(logp.values()),
        ref_logp(logp.values()),
        entropy(column<float>(size, 7, [](auto i) { return 0.5 * static_cast<double>(i); })),
        positive(column<float>(size, 2, [](auto i) { return i == 0 ? 0.25 : 0; })),
        negative(column<float>(size, 2, [](auto i) { return i == 0 ? 0 : 0.5; })),
        weight(column<float>(size, 1, [](auto) { return 1; })),
        count(column<std::int32_t>(size, 1, [](auto) { return 1; })),
        positive_count(count.values()),
        negative_count(count.values()),
        d_logp(logp.size()),
        d_entropy(logp.size()),
        partials(static_cast<std::size_t>(clipped_loss_partials(size))) {}

  ClippedLossArgs args() {
    return {.nodes = size,
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
            .sums = sums.data(),
            .partials = partials.data()};
  }
  bool has_loss() const {
    const double expected = 0.5 * static_cast<double>(size / 2) - 0.25 * static_cast<double>((size + 1) / 2);
    const ClippedLossSums got = sums.values()[0];
    const auto& gradient = d_logp.values();
    return got.loss == expected && gradient[0] == -0.25F && gradient[1] == 0.5F &&
           got.tokens == static_cast<double>(size);
  }
  // Six or seven columns and three counts are read, two gradients written.
  std::int64_t bytes() const { return size * 4 * (reference ? 12 : 11); }

  std::int64_t size;
  bool reference;
  Buffer<float> logp, old_logp, ref_logp, entropy, positive, negative, weight;
  Buffer<std::int32_t> count, positive_count, negative_count;
  Buffer<float> d_logp, d_entropy;
  Buffer<ClippedLossSums> sums{std::size_t{1}}, partials;
};

template <typename Backend>
void BM_clipped_loss(benchmark::State& state) {
  Nodes<Backend> nodes(state);
  const ClippedLossArgs args = nodes.args();
  time_kernel<Backend>(
      state, {nodes.size, nodes.bytes(), "expected the loss of unchanged log-probabilities"},
      [&] { Backend::clipped_loss(args); }, [&] { return nodes.has_loss(); });
}

// A group of 8 responses of 1,024 tokens, half of them shared; and more than the caches hold.
const bool added = on_backends([]<typename Backend>(Backend) {
  add("clipped_loss", Backend::kName, BM_clipped_loss<Backend>)
      ->ArgNames({"nodes", "reference"})
      ->ArgsProduct({{4'608, 1 << 16, 1 << 22}, {0, 1}});
});

}  // namespace
