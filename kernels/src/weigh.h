// Sums of e^z over a row of logits, block by block in a fixed order: shared by sampling and training.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "simd.h"
#include "token_weight.h"

namespace tempo::kernels {

inline constexpr std::size_t kWeighBlock = kSummedTokens;  // logits a block

// Returns the sum of a block's values, over partial sums that run side by side: a fixed order that
// vectorises.
inline double block_sum(const float* values) {
  constexpr std::size_t kSums = kPartialSums;
  std::array<double, kSums> sums{};
  for (std::size_t i = 0; i < kWeighBlock; i += kSums)
    for (std::size_t l = 0; l < kSums; ++l) sums[l] += static_cast<double>(values[i + l]);
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

// Returns the largest of `count` values, a multiple of kLanes; +inf if there is a NaN or +inf.
inline float finite_max(const float* values, std::size_t count) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Floats largest = Floats{} - kInfinity;
  for (std::size_t i = 0; i < count; i += kLanes) {
    Floats x = load(values + i);
    x = x <= kLargest ? x : Floats{} + kInfinity;
    largest = x > largest ? x : largest;
  }
  float max = -kInfinity;
  for (int lane = 0; lane < kLanes; ++lane) max = std::max(max, largest[lane]);
  return max;
}

// Sums over the blocks so far.
struct WeighSums {
  double sum = 0;       // of e^z
  double weighted = 0;  // of z e^z

  double log_normaliser() const { return std::log(sum); }
  double entropy() const { return std::log(sum) - weighted / sum; }
};

// Writes a block's weights e^z, z = (logit - max) * factor, and adds them to the sums.
inline void weigh_block(const float* logits, float max, float factor, float* weights, WeighSums& sums) {
  std::array<float, kWeighBlock> products;
  for (std::size_t i = 0; i < kWeighBlock; ++i) {
    const TokenWeight token = weigh_token(logits[i], max, factor);
    weights[i] = token.weight;
    products[i] = token.product;
  }
  sums.sum += block_sum(weights);
  sums.weighted += block_sum(products.data());
}

}  // namespace tempo::kernels
