// The softmax of one row of logits by one block, in one pass: shared by all kernels, so that a token has the
// same log-probability, bit for bit, when a device samples it and when it trains on it. The order of the sums
// depends on V alone: not on the type of the logits, on their alignment or on the row's place.
#pragma once

#include <cmath>
#include <limits>

#include "device/device.h"
#include "device/reduce.h"
#include "tempo/kernels/bfloat16.h"
#include "tempo/kernels/logprob.h"

namespace tempo::kernels::TEMPO_BACKEND {

// A block walks a row in steps. Of a step a thread takes kUnits units of kUnit neighbouring logits each: unit
// u of a step begins at logit (u * kRowThreads + threadIdx.x) * kUnit. Unit and step are the same for float32
// and bfloat16, so that both sum in one order; a warp reads 512 or 256 bytes at once.
inline constexpr int kRowThreads = 512;
inline constexpr int kUnit = 4, kUnits = 4;
inline constexpr std::int64_t kRowStep = std::int64_t{kRowThreads} * kUnit * kUnits;

inline constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
inline constexpr double kLn2 = 0.69314718055994530942;
// A logit this far below the largest, in powers of 2, counts as no farther where its weight of 0 is
// multiplied.
inline constexpr float kLowestExponent2 = -1000.0F;

// Returns 2^x within 2 units in the last place: one instruction on a device.
__device__ inline float quick_exp2(float x) {
#if defined(__CUDA_ARCH__)
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
#else
  return exp2f(x);
#endif
}

// Returns the factor that turns differences of logits into powers of 2.
__device__ inline float factor_of(float inverse_temperature) { return inverse_temperature * 1.44269504F; }

struct Unit {
  float x[kUnit];
};

// Returns where unit u of this thread begins in the step at `begin`.
__device__ inline std::int64_t unit_begin(std::int64_t begin, int u) {
  return begin + (std::int64_t{u} * kRowThreads + threadIdx.x) * kUnit;
}

// Returns whether a row's units may be read or written at once.
template <typename Element>
__device__ bool takes_vectors(const Element* row) {
  return reinterpret_cast<std::uintptr_t>(row) % (kUnit * sizeof(Element)) == 0;
}

__device__ inline float widened(float value) { return value; }
__device__ inline float widened(BFloat16 value) { return __uint_as_float(unsigned{value.bits} << 16); }

__device__ inline Unit load_vector(const float* from) {
  const float4 v = *reinterpret_cast<const float4*>(from);
  return {{v.x, v.y, v.z, v.w}};
}
__device__ inline Unit load_vector(const BFloat16* from) {
  const uint2 v = *reinterpret_cast<const uint2*>(from);
  return {{__uint_as_float(v.x << 16), __uint_as_float(v.x & 0xffff0000U), __uint_as_float(v.y << 16),
           __uint_as_float(v.y & 0xffff0000U)}};
}

// Returns row[at .. at + kUnit), -inf from V on. `vectors`: takes_vectors(row).
template <typename Element>
__device__ Unit load_unit(const Element* row, std::int64_t at, std::int64_t vocab, bool vectors) {
  if (vectors && at + kUnit <= vocab) return load_vector(row + at);
  Unit unit;
  for (int i = 0; i < kUnit; ++i) unit.x[i] = at + i < vocab ? widened(row[at + i]) : kMinusInfinity;
  return unit;
}

// Reads this thread's units of the step at `begin`.
template <typename Element>
__device__ void load_step(const Element* row, std::int64_t begin, std::int64_t vocab, bool vectors,
                          Unit (&units)[kUnits]) {
  if (vectors && begin + kRowStep <= vocab) {
    const Element* const from = row + unit_begin(begin, 0);
    for (int u = 0; u < kUnits; ++u) units[u] = load_vector(from + u * kRowThreads * kUnit);
  } else {
    for (int u = 0; u < kUnits; ++u) units[u] = load_unit(row, unit_begin(begin, u), vocab, vectors);
  }
}

// A thread's sums so far, relative to its largest logit so far; y = (logit - max) * factor.
struct RowSums {
  float max = kMinusInfinity;  // of what is a number
  double sum = 0;              // of 2^y; NaN if a logit was NaN or +inf
  double weighted = 0;         // of y 2^y
};

// Makes the sums relative to a maximum that is no smaller.
__device__ inline void raise_max(RowSums& sums, float max, float factor) {
  if (sums.sum > 0) {
    const double y = (static_cast<double>(sums.max) - static_cast<double>(max)) * static_cast<double>(factor);
    const double scale = exp2(y);
    sums.weighted = (sums.weighted + y * sums.sum) * scale;
    sums.sum *= scale;
  }
  sums.max = max;
}

__device__ inline void add_step(RowSums& sums, const Unit (&units)[kUnits], float factor) {
  float max = sums.max;
  for (const Unit& unit : units)
    for (const float x : unit.x) max = fmaxf(max, x);
  if (max > sums.max) raise_max(sums, max, factor);
  const float zero = max == kMinusInfinity ? 0.0F : max;
  float sum[kUnits] = {}, weighted[kUnits] = {};
  for (int u = 0; u < kUnits; ++u) {
    for (const float x : units[u].x) {
      const float y = (x - zero) * factor, weight = quick_exp2(y);
      sum[u] += weight;
      weighted[u] = fmaf(weight, fmaxf(y, kLowestExponent2), weighted[u]);
    }
  }
  sums.sum += static_cast<double>((sum[0] + sum[1]) + (sum[2] + sum[3]));
  sums.weighted += static_cast<double>((weighted[0] + weighted[1]) + (weighted[2] + weighted[3]));
}

// Returns, in every thread, the softmax of `vocab` logits, V >= 1. All kRowThreads x 1 x 1 threads of the
// block call it, as often as they like. Where a logit is NaN or +inf the maximum is +inf, where all
// are -inf it is that; log_normaliser and entropy are then NaN.
template <typename Element>
__device__ RowSoftmax block_softmax(const Element* row, std::int64_t vocab, float inverse_temperature) {
  constexpr int kWarps = kRowThreads / kWarp;
  __shared__ float maxima[kWarps];
  __shared__ double partial[2][kWarps], result[3];
  RowSums sums;
  const float factor = factor_of(inverse_temperature);
  const bool vectors = takes_vectors(row);
  for (std::int64_t begin = 0; begin < vocab; begin += kRowStep) {
    Unit units[kUnits];
    load_step(row, begin, vocab, vectors, units);
    add_step(sums, units, factor);
  }
  const float warp_largest = warp_max(sums.max);
  if (threadIdx.x % kWarp == 0) maxima[threadIdx.x / kWarp] = warp_largest;
  __syncthreads();
  float max = kMinusInfinity;
  for (const float of_warp : maxima) max = fmaxf(max, of_warp);
  raise_max(sums, max, factor);
  const double sum = block_sum<kRowThreads>(sums.sum, partial[0]);
  const double weighted = block_sum<kRowThreads>(sums.weighted, partial[1]);
  if (threadIdx.x == 0) {
    result[0] = sum == sum ? max : -kMinusInfinity;
    result[1] = sum > 0 ? log(sum) : std::numeric_limits<double>::quiet_NaN();
    result[2] = result[1] - kLn2 * weighted / sum;
  }
  __syncthreads();
  return {static_cast<float>(result[0]), result[1], result[2]};
}

// Returns the log-probability of a token with this logit.
__device__ inline float logp_of(float logit, const RowSoftmax& softmax, float inverse_temperature) {
  const double z = (static_cast<double>(logit) - static_cast<double>(softmax.max)) *
                   static_cast<double>(inverse_temperature);
  return static_cast<float>(z - softmax.log_normaliser);
}

}  // namespace tempo::kernels::TEMPO_BACKEND
