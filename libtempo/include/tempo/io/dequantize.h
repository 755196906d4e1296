// The block formats in which GGUF files store tensors, and their values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tempo::io {

// Storage types that can be read, with the numbers of GGUF files.
enum class GgmlType : std::uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kBF16 = 30,
};

// A row of a tensor is a whole number of blocks.
struct BlockSize {
  std::size_t values = 0;
  std::size_t bytes = 0;
};

// Returns the type with this number in a GGUF file, or nothing when it cannot be read.
std::optional<GgmlType> ggml_type(std::uint32_t number);

// Returns the number with the type's usual name where it has one, for error texts: "10 (Q2_K)".
std::string describe_ggml_type(std::uint32_t number);

BlockSize block_size(GgmlType type);

// Writes the values of consecutive blocks, equal bit for bit to those of the Python package `gguf`.
// Requires: bytes holds whole blocks and values has room for exactly theirs. Throws tempo::Error otherwise.
void dequantize(GgmlType type, std::span<const std::byte> bytes, std::span<float> values);

}  // namespace tempo::io
