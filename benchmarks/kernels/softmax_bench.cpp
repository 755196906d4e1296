// Log-probabilities, entropy and their gradient of 64 rows of logits, two targets a row, by one thread.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tempo/kernels/softmax.h"

namespace {

using namespace tempo::kernels;

constexpr std::int64_t kRows = 64, kTargets = 2;

template <typename Logit>
struct Chunk {
  explicit Chunk(const benchmark::State& state) : vocab(state.range(0)) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 3.0F);
    logits.resize(static_cast<std::size_t>(kRows * vocab));
    for (Logit& logit : logits) assign(logit, normal(random));
    for (std::int64_t c = 0; c <= kRows; ++c) first.push_back(kTargets * c);
    for (std::int64_t k = 0; k < kTargets * kRows; ++k) token.push_back(k * 7919 % vocab);
    softmax.resize(kRows);
    logp.resize(token.size());
    entropy.resize(token.size());
    d_logp.assign(token.size(), 1.0F);
  }

  LogitRows<Logit> rows() const {
    return {.rows = kRows,
            .vocab = vocab,
            .logits = logits.data(),
            .stride = vocab,
            .first = first.data(),
            .token = token.data()};
  }
  void forward() { cpu::softmax_forward(rows(), {softmax.data(), logp.data(), entropy.data()}, 0, kRows); }

  // Of the last row, to the rounding of float32 numbers of about 15.
  bool has_logp() const {
    const Logit* const row = logits.data() + (kRows - 1) * vocab;
    double sum = 0;
    for (std::int64_t v = 0; v < vocab; ++v) sum += std::exp(static_cast<double>(to_float(row[v])));
    const double expected = static_cast<double>(to_float(row[token.back()])) - std::log(sum);
    return std::abs(static_cast<double>(logp.back()) - expected) < 1e-5;
  }

  std::int64_t vocab;
  std::vector<Logit> logits;
  std::vector<std::int64_t> first, token;
  std::vector<RowSoftmax> softmax;
  std::vector<float> logp, entropy, d_logp;
};

// The numbers of a row's gradient add up to zero; its targets' are 1 - 2 p, or 2 - 2 p where both are one.
template <typename Gradient>
bool adds_up(const std::vector<Gradient>& gradient, std::int64_t vocab) {
  double sum = 0, positive = 0;
  for (std::int64_t v = 0; v < vocab; ++v) {
    const auto here = static_cast<double>(to_float(gradient[static_cast<std::size_t>(v)]));
    sum += here;
    positive += here > 0 ? here : 0;
  }
  return std::abs(sum) < 0.02 && positive > 1.5;
}

template <typename Logit>
void BM_softmax_forward(benchmark::State& state) {
  Chunk<Logit> chunk(state);
  chunk.forward();
  if (!chunk.has_logp()) {
    state.SkipWithError("expected the log-probability of the last target");
    return;
  }
  for (auto _ : state) {
    chunk.forward();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRows * chunk.vocab);
  state.SetBytesProcessed(state.iterations() * kRows * chunk.vocab * std::int64_t{sizeof(Logit)});
}

template <typename Logit, typename Gradient>
void BM_softmax_backward(benchmark::State& state) {
  Chunk<Logit> chunk(state);
  chunk.forward();
  std::vector<Gradient> gradient(chunk.logits.size());
  const SoftmaxGradient<Gradient> out{chunk.softmax.data(), chunk.d_logp.data(), nullptr, gradient.data(),
                                      chunk.vocab};
  cpu::softmax_backward(chunk.rows(), out, 0, kRows);
  if (!adds_up(gradient, chunk.vocab)) {
    state.SkipWithError("expected a gradient that adds up to zero");
    return;
  }
  for (auto _ : state) {
    cpu::softmax_backward(chunk.rows(), out, 0, kRows);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kRows * chunk.vocab);
  state.SetBytesProcessed(state.iterations() * kRows * chunk.vocab *
                          std::int64_t{sizeof(Logit) + sizeof(Gradient)});
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("vocab")->Arg(49'152)->Arg(151'936);
}

BENCHMARK(BM_softmax_forward<float>)->Apply(shapes);
BENCHMARK(BM_softmax_forward<BFloat16>)->Apply(shapes);
BENCHMARK(BM_softmax_backward<float, float>)->Apply(shapes);
BENCHMARK(BM_softmax_backward<float, BFloat16>)->Apply(shapes);
BENCHMARK(BM_softmax_backward<BFloat16, BFloat16>)->Apply(shapes);

}  // namespace
