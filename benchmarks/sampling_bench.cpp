// Preparing one row of 49,152 logits, and drawing from it.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tempo/kernels/sampling.h"

namespace {

using tempo::kernels::RowSampler;
using tempo::kernels::RowStatus;
using tempo::kernels::SampledToken;
using tempo::kernels::SamplingParams;

constexpr std::int32_t kVocab = 49'152, kDraws = 8;

std::vector<float> random_logits() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 3.0F);
  std::vector<float> logits(kVocab);
  for (float& logit : logits) logit = normal(random);
  return logits;
}

// Whether the draw's log-probability is that of its token, to the rounding of a float32 of about 10.
bool is_drawn_from(const std::vector<float>& logits, const SampledToken& drawn) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  const double logp = static_cast<double>(logits[static_cast<std::size_t>(drawn.token)]) - std::log(sum);
  return std::abs(static_cast<double>(drawn.logp) - logp) < 1e-5;
}

void BM_sample_row(benchmark::State& state) {
  const std::vector<float> logits = random_logits();
  RowSampler sampler(kVocab);
  SamplingParams params;
  params.top_p = static_cast<double>(state.range(0)) / 100;
  if (sampler.prepare(logits.data(), params) != RowStatus::kOk || !is_drawn_from(logits, sampler.draw(0.5))) {
    state.SkipWithError("expected the log-probability of the token");
    return;
  }
  for (auto _ : state) {
    sampler.prepare(logits.data(), params);
    for (int i = 0; i < kDraws; ++i) benchmark::DoNotOptimize(sampler.draw((i + 0.5) / kDraws));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * kVocab * 4);
}

BENCHMARK(BM_sample_row)->ArgName("top_p_percent")->Arg(100)->Arg(95);

}  // namespace
