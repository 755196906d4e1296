// bfloat16 numbers as the upper 16 bits of a float32.
#pragma once

#include <bit>
#include <cstdint>

namespace tempo::kernels {

struct BFloat16 {
  std::uint16_t bits;
};

constexpr float to_float(float value) { return value; }
constexpr float to_float(BFloat16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }

// Returns the nearest bfloat16, ties to even; NaN stays NaN.
inline BFloat16 to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return {static_cast<std::uint16_t>(value == value ? rounded : 0x7fc0u)};
}

inline void assign(float& target, float value) { target = value; }
inline void assign(BFloat16& target, float value) { target = to_bfloat16(value); }

}  // namespace tempo::kernels
