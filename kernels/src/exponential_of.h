// e^x for softmax, of numbers or registers of them: branch-free, so that the compiler vectorises loops over
// it. The CPU and the devices round each step alike.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "device/portable.h"

namespace tempo::kernels {

// Returns a b + c, rounded once wherever the processor can: contraction, which is the compiler's affair, then
// has nothing left to choose. Registers of numbers are contracted by the compiler (-ffp-contract=fast).
template <typename Float>
TEMPO_PORTABLE inline Float multiply_add(Float a, Float b, Float c) {
#if defined(__CUDA_ARCH__) || (defined(__FP_FAST_FMA) && defined(__FP_FAST_FMAF))
  if constexpr (std::is_floating_point_v<Float>) return std::fma(a, b, c);
#endif
  return a * b + c;
}

// Float and Word: float and its 32 bits, or registers of them. x <= 0.
template <typename Float, typename Word>
TEMPO_PORTABLE inline Float exp_nonpositive_of(Float x) {
  // x = n ln 2 + r, |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  constexpr float kRound = 12582912.0F, kLog2E = 1.44269504088896341F;
  constexpr float kLn2High = 0.693145751953125F, kLn2Low = 1.42860682030941723e-6F;  // n * high is exact
  const Float zero{};
  const Float shifted = multiply_add(x, zero + kLog2E, zero + kRound);
  const Float n = shifted - kRound;
  const Float r = multiply_add(n, zero - kLn2Low, multiply_add(n, zero - kLn2High, x));
  // Taylor: the first term left out, r^8 / 8!, is below 6e-9.
  Float sum = zero + 1.0F / 5040;
  sum = multiply_add(sum, r, zero + 1.0F / 720);
  sum = multiply_add(sum, r, zero + 1.0F / 120);
  sum = multiply_add(sum, r, zero + 1.0F / 24);
  sum = multiply_add(sum, r, zero + 1.0F / 6);
  sum = multiply_add(sum, r, zero + 0.5F);
  sum = multiply_add(sum, r, zero + 1.0F);
  sum = multiply_add(sum, r, zero + 1.0F);
  const Word power = (std::bit_cast<Word>(shifted) + 127U) << 23;
  const Float result = sum * std::bit_cast<Float>(power);
  return x < -87.0F ? zero : result;
}

// Returns e^x for x <= 0, within 2 units in the last place; 0 below -87, where the result would not be a
// normal number. NaN stays NaN.
TEMPO_PORTABLE inline float exp_nonpositive(float x) { return exp_nonpositive_of<float, std::uint32_t>(x); }

}  // namespace tempo::kernels
