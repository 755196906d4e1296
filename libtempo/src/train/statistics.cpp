#include "tempo/train/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution

// Wilson's score interval of a share p of n independent answers.
void set_interval(Estimate& estimate, double n) {
  const double p = estimate.value, scale = 1 / (1 + kZ * kZ / n);
  const double center = scale * (p + kZ * kZ / (2 * n));
  const double half = scale * kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  // At the ends the formula gives the share itself, up to rounding.
  estimate.low = p == 0 ? 0 : std::clamp(center - half, 0.0, p);
  estimate.high = p == 1 ? 1 : std::clamp(center + half, p, 1.0);
}

bool majority_is_right(std::span<const Vote> votes) {
  std::map<std::int32_t, std::int32_t> counts;
  for (const Vote& vote : votes)
    if (vote.answer >= 0) ++counts[vote.answer];
  const Vote* best = nullptr;
  for (const Vote& vote : votes) {
    if (vote.answer < 0) continue;
    if (best == nullptr || counts[vote.answer] > counts[best->answer]) best = &vote;
  }
  return best != nullptr && best->correct;
}

}  // namespace

Estimate mean_of_problems(std::span<const double> values, std::int32_t samples) {
  TEMPO_CHECK(!values.empty(), "mean_of_problems: expected at least one problem, got none");
  TEMPO_CHECK(samples >= 1, "mean_of_problems: samples: expected 1 or more, got ", samples);
  for (const double value : values)
    TEMPO_CHECK(value >= 0 && value <= 1, "mean_of_problems: expected values from 0 to 1, got ", value);
  const auto n = static_cast<double>(values.size());
  Estimate estimate;
  estimate.value = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - estimate.value) * (value - estimate.value);
  const double variance = n > 1 ? squares / (n - 1) / n : 0;
  estimate.standard_error = std::sqrt(variance);
  const double one_answer = estimate.value * (1 - estimate.value);
  // Where all answers are equally right the spread tells nothing: a problem then counts as one answer.
  double independent = n;
  if (one_answer > 0) independent = variance > 0 ? one_answer / variance : n * samples;
  set_interval(estimate, std::clamp(independent, n, n * samples));
  return estimate;
}

double pass_at_k(std::int32_t n, std::int32_t c, std::int32_t k) {
  TEMPO_CHECK(c >= 0 && c <= n, "pass_at_k: expected 0 to ", n, " right answers, got ", c);
  TEMPO_CHECK(k >= 1 && k <= n, "pass_at_k: expected k from 1 to ", n, ", got ", k);
  if (n - c < k) return 1;
  double none = 1;
  for (std::int32_t i = n - c + 1; i <= n; ++i) none *= 1 - static_cast<double>(k) / i;
  return 1 - none;
}

double majority_at_k(std::span<const Vote> votes, std::int32_t k) {
  const auto count = static_cast<std::int32_t>(votes.size());
  TEMPO_CHECK(k >= 1 && k <= count, "majority_at_k: expected k from 1 to ", count, ", got ", k);
  const std::int32_t blocks = count / k;
  std::int32_t right = 0;
  for (std::int32_t b = 0; b < blocks; ++b) {
    const auto begin = static_cast<std::size_t>(b) * static_cast<std::size_t>(k);
    right += majority_is_right(votes.subspan(begin, static_cast<std::size_t>(k))) ? 1 : 0;
  }
  return static_cast<double>(right) / blocks;
}

std::vector<std::int32_t> reported_k(std::int32_t n) {
  std::vector<std::int32_t> all;
  for (std::int64_t k = 1; k < n; k *= 2) all.push_back(static_cast<std::int32_t>(k));
  all.push_back(n);
  return all;
}

}  // namespace tempo::train
