// e^x for softmax: branch-free, so that the compiler vectorises loops over it.
#pragma once

#include <bit>
#include <cstdint>

namespace tempo::kernels {

// Returns e^x for x <= 0, within 2 units in the last place; 0 below -87, where the result would not be a
// normal number. NaN stays NaN.
inline float exp_nonpositive(float x) {
  // x = n ln 2 + r, |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  constexpr float kRound = 12582912.0F;
  constexpr float kLn2High = 0.693145751953125F, kLn2Low = 1.42860682030941723e-6F;  // n * high is exact
  const float shifted = x * 1.44269504088896341F + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  // Taylor: the first term left out, r^8 / 8!, is below 6e-9.
  float sum = 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const std::uint32_t power = (std::bit_cast<std::uint32_t>(shifted) + 127U) << 23;
  const float result = sum * std::bit_cast<float>(power);
  return x < -87.0F ? 0.0F : result;
}

}  // namespace tempo::kernels
