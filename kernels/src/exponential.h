// e^x for softmax: branch-free, so that the compiler vectorises loops over it.
#pragma once

#include <bit>
#include <cstdint>

#include "simd.h"

namespace tempo::kernels {

// Float and Word: float and its 32 bits, or registers of them.
template <typename Float, typename Word>
inline Float exp_nonpositive_of(Float x) {
  // x = n ln 2 + r, |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  constexpr float kRound = 12582912.0F;
  constexpr float kLn2High = 0.693145751953125F, kLn2Low = 1.42860682030941723e-6F;  // n * high is exact
  const Float shifted = x * 1.44269504088896341F + kRound;
  const Float n = shifted - kRound;
  const Float r = (x - n * kLn2High) - n * kLn2Low;
  // Taylor: the first term left out, r^8 / 8!, is below 6e-9.
  Float sum = Float{} + 1.0F / 5040;
  sum = sum * r + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  const Word power = (std::bit_cast<Word>(shifted) + 127U) << 23;
  const Float result = sum * std::bit_cast<Float>(power);
  return x < -87.0F ? Float{} : result;
}

// Returns e^x for x <= 0, within 2 units in the last place; 0 below -87, where the result would not be a
// normal number. NaN stays NaN.
inline float exp_nonpositive(float x) { return exp_nonpositive_of<float, std::uint32_t>(x); }
inline Floats exp_nonpositive(Floats x) { return exp_nonpositive_of<Floats, Words>(x); }

}  // namespace tempo::kernels
