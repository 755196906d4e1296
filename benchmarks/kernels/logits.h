// Rows of logits for the kernels that read a vocabulary.
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tempo/kernels/bfloat16.h"

namespace tempo::bench {

// Rows of one vocabulary, each the one before moved by a token.
template <typename Logit>
std::vector<Logit> normal_logits(std::int64_t rows, std::int64_t vocab) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 3.0F);
  std::vector<Logit> logits(static_cast<std::size_t>(rows * vocab));
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (i < static_cast<std::size_t>(vocab))
      kernels::assign(logits[i], normal(random));
    else
      logits[i] = logits[i + 1 - static_cast<std::size_t>(vocab)];
  return logits;
}

// Returns the log-probability of a token in the last of some rows.
template <typename Logit>
double last_row_logp(const std::vector<Logit>& logits, std::int64_t vocab, std::int64_t token) {
  const Logit* const row = logits.data() + (std::ssize(logits) - vocab);
  double sum = 0;
  for (std::int64_t v = 0; v < vocab; ++v) sum += std::exp(static_cast<double>(kernels::to_float(row[v])));
  return static_cast<double>(kernels::to_float(row[token])) - std::log(sum);
}

inline void logit_shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"rows", "vocab"})->ArgsProduct({{16, 128}, {49'152, 151'936}});
}

}  // namespace tempo::bench
