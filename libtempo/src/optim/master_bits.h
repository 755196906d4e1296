// A float32 master weight as its bfloat16 rounding, which is the parameter, and 16 bits of remainder: four
// bytes of master weight and parameter together instead of six.
#pragma once

#include <bit>
#include <cstdint>

namespace tempo::optim {

struct MasterBits {
  std::uint16_t rounded;   // bits of the nearest bfloat16, ties to even
  std::int16_t remainder;  // float32 bits less the rounded ones, as integers
};

inline float master_of(MasterBits bits) {
  return std::bit_cast<float>((std::uint32_t{bits.rounded} << 16) +
                              static_cast<std::uint32_t>(bits.remainder));
}

// Exact but for a number halfway between two bfloat16 whose rounding goes down: its remainder would be 2^15,
// and the number is taken as its neighbour towards zero.
inline MasterBits bits_of(float master) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(master);
  bits -= (bits & 0x1ffffU) == 0x8000U ? 1U : 0U;
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  return {static_cast<std::uint16_t>(rounded), static_cast<std::int16_t>(bits - (rounded << 16))};
}

}  // namespace tempo::optim
