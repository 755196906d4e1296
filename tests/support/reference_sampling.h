// Sampling by its definition, in double: what the kernel and the sampler are held against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace tempo::test {

inline std::vector<double> softmax(std::span<const float> logits, double temperature) {
  const auto max = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  std::vector<double> p;
  for (const float x : logits) p.push_back(std::exp((static_cast<double>(x) - max) / temperature));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

// Ranks all tokens, cuts by top-k (0: off), then top-p, then min-p, and renormalises.
inline std::vector<double> truncated(std::vector<double> p, std::int32_t top_k, double top_p, double min_p) {
  std::vector<std::size_t> rank(p.size());
  std::iota(rank.begin(), rank.end(), 0U);
  std::stable_sort(rank.begin(), rank.end(), [&](auto a, auto b) { return p[a] > p[b]; });
  std::size_t kept = top_k > 0 ? std::min(p.size(), static_cast<std::size_t>(top_k)) : p.size();
  double mass = 0, cumulative = 0;
  for (std::size_t i = 0; i < kept; ++i) mass += p[rank[i]];
  for (std::size_t i = 0; i < kept; ++i) {
    cumulative += p[rank[i]];
    if (top_p < 1 && cumulative >= top_p * mass) kept = i + 1;
  }
  while (kept > 1 && p[rank[kept - 1]] < min_p * p[rank[0]]) --kept;
  for (std::size_t i = kept; i < p.size(); ++i) p[rank[i]] = 0;
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& x : p) x /= sum;
  return p;
}

// Returns the first token whose cumulative probability exceeds u.
inline std::int32_t inverse_cdf(std::span<const double> p, double u) {
  double sum = 0;
  std::size_t token = 0;
  for (; token + 1 < p.size(); ++token) {
    sum += p[token];
    if (sum > u) break;
  }
  return static_cast<std::int32_t>(token);
}

}  // namespace tempo::test
