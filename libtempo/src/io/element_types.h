// Single elements as they stand in files: their types, their sizes and their float32 values.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "tempo/io/weights.h"

namespace tempo::io {

static_assert(std::endian::native == std::endian::little,
              "files are little-endian and are read as they stand");

// Returns the number at bytes[offset], which need not be aligned.
template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset = 0) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

inline float bf16_to_float(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

// Exact: every half-precision number is a float32.
inline float f16_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (std::uint32_t{bits} & 0x8000u) << 16;
  const std::uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude << 13));  // inf, nan
  // The exponent's bias is 127 in one format and 15 in the other; the product also normalises subnormals.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

// Returns the type with this name in a safetensors file, or nothing when it cannot be read.
std::optional<DType> dtype_named(std::string_view name);

// Returns the product of the sizes, or nothing when one is negative or the product overflows.
std::optional<std::uint64_t> element_count(std::span<const std::int64_t> shape);

// Writes the elements as float32. Requires: bytes.size() == values.size() * size_of(dtype).
void to_float(DType dtype, std::span<const std::byte> bytes, std::span<float> values);

}  // namespace tempo::io
