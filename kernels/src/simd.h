// Vectors of the widest registers, by the compilers' vector extension: each lane computes what the scalar
// expression would, so results do not depend on the register width.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "tempo/kernels/bfloat16.h"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace tempo::kernels {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(4 * kLanes)));
typedef std::uint32_t Words __attribute__((vector_size(4 * kLanes)));
typedef float LooseFloats __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef std::uint32_t LooseWords __attribute__((vector_size(4 * kLanes), aligned(2), may_alias));
typedef std::uint16_t LooseHalves __attribute__((vector_size(2 * kLanes), aligned(2), may_alias));

typedef std::uint16_t Halves __attribute__((vector_size(2 * kLanes)));

inline Floats load(const float* from) { return *reinterpret_cast<const LooseFloats*>(from); }
inline Floats load(const BFloat16* from) {
  const auto halves = *reinterpret_cast<const LooseHalves*>(from);
  return reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}
// Words of any array of 16 or 32 bit numbers.
inline Words load_words(const void* from) { return *static_cast<const LooseWords*>(from); }
inline std::uint32_t load_word(const void* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}
inline void store_words(void* to, Words value) { *static_cast<LooseWords*>(to) = value; }
inline void store(float* to, Floats value) { *reinterpret_cast<LooseFloats*>(to) = value; }
// Rounds to the nearest, ties to even. Numbers only: NaN may come out as another.
inline void store(BFloat16* to, Floats value) {
  const Words bits = reinterpret_cast<Words>(value);
  const Words rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  *reinterpret_cast<LooseHalves*>(to) = __builtin_convertvector(rounded, Halves);
}

// Returns sum + a.low b.low + a.high b.high of words that hold two bfloat16 each. How it rounds is the
// processor's affair where it has the instruction.
inline Floats dot_pairs(Floats sum, Words a, Words b) {
#if defined(__AVX512BF16__)
  return reinterpret_cast<Floats>(_mm512_dpbf16_ps(
      reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b)));
#else
  const Words high = Words{} + 0xffff0000U;
  sum += reinterpret_cast<Floats>(a << 16) * reinterpret_cast<Floats>(b << 16);
  return sum + reinterpret_cast<Floats>(a & high) * reinterpret_cast<Floats>(b & high);
#endif
}

// Returns the lanes of `first`, then those of `second`, rounded to bfloat16. Numbers only.
inline Words round_to_pairs(Floats first, Floats second) {
#if defined(__AVX512BF16__)
  return reinterpret_cast<Words>(
      _mm512_cvtne2ps_pbh(reinterpret_cast<__m512>(second), reinterpret_cast<__m512>(first)));
#else
  BFloat16 numbers[2 * kLanes];
  store(numbers, first);
  store(numbers + kLanes, second);
  return load_words(numbers);
#endif
}

// Returns words whose lower halves are the first kLanes halves of `words`, the upper ones the rest.
template <int... kHalf>
inline Words zip_halves(Words words, std::integer_sequence<int, kHalf...>) {
  typedef std::uint16_t AllHalves __attribute__((vector_size(4 * kLanes)));
  const auto halves = reinterpret_cast<AllHalves>(words);
  return reinterpret_cast<Words>(
      __builtin_shufflevector(halves, halves, (kHalf % 2 * kLanes + kHalf / 2)...));
}
inline Words zip_halves(Words words) {
  return zip_halves(words, std::make_integer_sequence<int, 2 * kLanes>{});
}

// Stores half kHalf of the words.
template <int kHalf, int... kLane>
inline void store_half(void* to, Words words, std::integer_sequence<int, kLane...>) {
  typedef std::uint32_t Part __attribute__((vector_size(2 * kLanes)));
  typedef std::uint32_t LoosePart __attribute__((vector_size(2 * kLanes), aligned(2), may_alias));
  const Part half = __builtin_shufflevector(words, words, (kHalf * kLanes / 2 + kLane)...);
  *static_cast<LoosePart*>(to) = half;
}
template <int kHalf>
inline void store_half(void* to, Words words) {
  store_half<kHalf>(to, words, std::make_integer_sequence<int, kLanes / 2>{});
}

// Swaps the off-diagonal kDistance-wide blocks of two rows: one step of a transposition.
template <int kDistance, int... kLane>
inline void exchange(Floats& low, Floats& high, std::integer_sequence<int, kLane...>) {
  const Floats a = low, b = high;
  low = __builtin_shufflevector(a, b, ((kLane & kDistance) != 0 ? kLanes + kLane - kDistance : kLane)...);
  high = __builtin_shufflevector(a, b, ((kLane & kDistance) != 0 ? kLanes + kLane : kLane + kDistance)...);
}

// Transposes a square of kLanes x kLanes in registers.
template <int kDistance = 1>
inline void transpose(Floats (&row)[kLanes]) {
  if constexpr (kDistance < kLanes) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) {
      if ((i & kDistance) == 0) {
        exchange<kDistance>(row[i], row[i + kDistance], std::make_integer_sequence<int, kLanes>{});
      }
    }
    transpose<2 * kDistance>(row);
  }
}

}  // namespace tempo::kernels
