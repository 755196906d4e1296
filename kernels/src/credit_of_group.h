// The formulas of credit: what the CPU and the devices compute, in one order of operations.
#pragma once

#include <cmath>
#include <cstdint>

#include "device/portable.h"
#include "tempo/kernels/advantages.h"

namespace tempo::kernels {

struct GroupStats {
  double mean = 0;
  double std = 0;    // unbiased; 0 exactly for a group of one and for equal rewards
  double scale = 0;  // the factor of r - mu, and of V' - V, in the advantages
};

TEMPO_PORTABLE inline double scale_of(double std, std::int32_t size, const CreditOptions& options) {
  const double n = size;
  if (std == 0) return 0;
  // r less the mean of the others is n / (n - 1) (r - mu).
  if (options.estimator == Estimator::kRloo) return n / (n - 1);
  if (options.estimator == Estimator::kDrGrpo || !options.divide_by_std) return 1;
  return 1 / (std + options.epsilon);
}

// Returns the statistics of rewards by size. The mean of equal rewards is exact: a float times a count below
// 2^29 is a double without rounding.
TEMPO_PORTABLE inline GroupStats stats_of(const float* sorted, std::int32_t size,
                                          const CreditOptions& options) {
  GroupStats stats;
  if (size == 0) return stats;
  const double n = size;
  double sum = 0, squares = 0;
  for (std::int32_t i = 0; i < size; ++i) sum += static_cast<double>(sorted[i]);
  stats.mean = sum / n;
  if (size == 1) return stats;
  for (std::int32_t i = 0; i < size; ++i) {
    const double difference = static_cast<double>(sorted[i]) - stats.mean;
    squares += difference * difference;
  }
  stats.std = std::sqrt(squares / (n - 1));
  stats.scale = scale_of(stats.std, size, options);
  return stats;
}

// Returns what a response's reward, or a segment's value, is worth against what lies above it.
TEMPO_PORTABLE inline float credit_of(double value, double above, double scale) {
  return scale == 0 ? 0.0F : static_cast<float>((value - above) * scale);
}

// Returns V below a branch, drawn to the V above it.
TEMPO_PORTABLE inline double drawn_value(double above, double mean, std::int32_t count, double shrinkage) {
  const double n = count;
  return above + n / (n + shrinkage) * (mean - above);
}

// Returns a token's advantage. Adding a zero turns -0 into 0, in every token alike.
TEMPO_PORTABLE inline float advantage_of(float response, float segment) { return response + segment; }

TEMPO_PORTABLE inline bool failed(const ForestPlan& plan) {
  return plan.error && *plan.error != GroupsError::kNone;
}

}  // namespace tempo::kernels
