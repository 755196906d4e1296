// What one token weighs in the softmax of its row, and where it ranks: what the CPU and the devices compute,
// bit for bit.
#pragma once

#include <cstdint>

#include "device/portable.h"
#include "exponential_of.h"

namespace tempo::kernels {

constexpr int kSummedTokens = 256;         // tokens of a block, whose weights are added up apart
constexpr int kPartialSums = 16;           // of a block: token i belongs to sum i % kPartialSums
constexpr float kLowestExponent = -87.0F;  // exp_nonpositive is 0 below it
constexpr float kBucketsPerNat = 12.0F;
constexpr int kBuckets = static_cast<int>(-kLowestExponent * kBucketsPerNat) + 1;

struct TokenWeight {
  float weight;   // e^z, z = (logit - max) / temperature
  float product;  // z e^z
};

TEMPO_PORTABLE inline TokenWeight weigh_token(float logit, float max, float inverse_temperature) {
  const float z = (logit - max) * inverse_temperature;
  const float weight = exp_nonpositive(z);
  return {weight, weight * (z < kLowestExponent ? kLowestExponent : z)};  // -inf has weight 0 and no entropy
}

// Returns a weight in units of 2^-40: sums of these do not depend on their order, and do not overflow.
TEMPO_PORTABLE inline std::int64_t mass_of(float weight) {
  return static_cast<std::int64_t>(weight * 0x1p40F);
}

// Returns the mass at which a run by rank has the share top_p of the total, at least that of the first token.
TEMPO_PORTABLE inline std::int64_t mass_of_share(double top_p, std::int64_t total) {
  const auto mass = static_cast<std::int64_t>(std::ceil(top_p * static_cast<double>(total)));
  return mass < 1 ? 1 : mass;
}

// Returns how far a token of positive weight lies below the largest, in steps of probability that never rank
// two tokens the wrong way: [0, kBuckets).
TEMPO_PORTABLE inline std::int32_t bucket_of(float logit, float max, float inverse_temperature) {
  const float below = (max - logit) * inverse_temperature;
  const auto bucket = static_cast<std::int32_t>(below * kBucketsPerNat);
  return bucket < kBuckets ? bucket : kBuckets - 1;
}

TEMPO_PORTABLE inline float token_logp(float logit, float max, float inverse_temperature,
                                       double log_normaliser) {
  const double below = static_cast<double>(logit) - static_cast<double>(max);
  return static_cast<float>(multiply_add(below, static_cast<double>(inverse_temperature), -log_normaliser));
}

}  // namespace tempo::kernels
