#include "ggml_blocks.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "element_types.h"

namespace tempo::io {
namespace {

constexpr std::size_t kSmall = 32;  // values of a block with one scale

// A block's parts are read in the order in which they stand.
class Block {
 public:
  explicit Block(const std::byte* bytes) : next_(reinterpret_cast<const std::uint8_t*>(bytes)) {}

  float half() { return f16_to_float(take<std::uint16_t>()); }
  std::uint32_t word() { return take<std::uint32_t>(); }
  const std::uint8_t* bytes(std::size_t count) { return std::exchange(next_, next_ + count); }

 private:
  template <typename T>
  T take() {
    T value;
    std::memcpy(&value, bytes(sizeof(T)), sizeof(T));
    return value;
  }

  const std::uint8_t* next_;
};

// Value i of a small block: the low halves of 16 bytes are the first 16 values, the high halves the others.
int nibble(const std::uint8_t* q, std::size_t i) { return (q[i % 16] >> (i / 16 * 4)) & 0xf; }

int with_fifth_bit(int low_bits, std::uint32_t high_bits, std::size_t i) {
  return low_bits | static_cast<int>((high_bits >> i) & 1) << 4;
}

// Scales and minima of the eight parts of a Q4_K or Q5_K block: 16 numbers of six bits in 12 bytes. Parts 0
// to 3 stand in the low six bits of bytes 0 to 3 and 4 to 7; of parts 4 to 7, the upper two bits stand above
// those, and the lower four bits in bytes 8 to 11, scale before minimum.
struct PartScales {
  std::array<float, 8> scale;
  std::array<float, 8> low;
};

PartScales part_scales(float scale, float low, const std::uint8_t* packed) {
  PartScales parts;
  for (std::size_t i = 0; i < 4; ++i) {
    const int a = packed[i], b = packed[4 + i], c = packed[8 + i];
    parts.scale[i] = scale * static_cast<float>(a & 63);
    parts.low[i] = low * static_cast<float>(b & 63);
    parts.scale[4 + i] = scale * static_cast<float>((c & 15) | (a >> 6) << 4);
    parts.low[4 + i] = low * static_cast<float>((c >> 4) | (b >> 6) << 4);
  }
  return parts;
}

// Two parts of 32 values share 32 bytes: the low halves are the first part.
int nibble_of_part(const std::uint8_t* q, std::size_t part, std::size_t i) {
  return (q[part / 2 * 32 + i] >> (part % 2 * 4)) & 0xf;
}

}  // namespace

void dequantize_q4_0(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const std::uint8_t* q = block.bytes(16);
  for (std::size_t i = 0; i < kSmall; ++i) values[i] = scale * static_cast<float>(nibble(q, i) - 8);
}

void dequantize_q4_1(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const float low = block.half();
  const std::uint8_t* q = block.bytes(16);
  for (std::size_t i = 0; i < kSmall; ++i) values[i] = scale * static_cast<float>(nibble(q, i)) + low;
}

void dequantize_q5_0(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const std::uint32_t high = block.word();
  const std::uint8_t* q = block.bytes(16);
  for (std::size_t i = 0; i < kSmall; ++i) {
    values[i] = scale * static_cast<float>(with_fifth_bit(nibble(q, i), high, i) - 16);
  }
}

void dequantize_q5_1(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const float low = block.half();
  const std::uint32_t high = block.word();
  const std::uint8_t* q = block.bytes(16);
  for (std::size_t i = 0; i < kSmall; ++i) {
    values[i] = scale * static_cast<float>(with_fifth_bit(nibble(q, i), high, i)) + low;
  }
}

void dequantize_q8_0(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const std::uint8_t* q = block.bytes(kSmall);
  for (std::size_t i = 0; i < kSmall; ++i)
    values[i] = scale * static_cast<float>(static_cast<std::int8_t>(q[i]));
}

void dequantize_q4_k(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const float low = block.half();
  const PartScales parts = part_scales(scale, low, block.bytes(12));
  const std::uint8_t* q = block.bytes(128);
  for (std::size_t part = 0; part < 8; ++part) {
    for (std::size_t i = 0; i < 32; ++i) {
      *values++ = parts.scale[part] * static_cast<float>(nibble_of_part(q, part, i)) - parts.low[part];
    }
  }
}

void dequantize_q5_k(const std::byte* bytes, float* values) {
  Block block(bytes);
  const float scale = block.half();
  const float low = block.half();
  const PartScales parts = part_scales(scale, low, block.bytes(12));
  const std::uint8_t* high = block.bytes(32);  // byte i holds value i's fifth bit for each of the eight parts
  const std::uint8_t* q = block.bytes(128);
  for (std::size_t part = 0; part < 8; ++part) {
    for (std::size_t i = 0; i < 32; ++i) {
      const int value = with_fifth_bit(nibble_of_part(q, part, i), high[i], part);
      *values++ = parts.scale[part] * static_cast<float>(value) - parts.low[part];
    }
  }
}

// Eight runs of 32 values with two scales each. Runs 0 and 2, 1 and 3 of each half share bytes of the lower
// four bits; the four runs of a half share 32 bytes of the upper two.
void dequantize_q6_k(const std::byte* bytes, float* values) {
  Block block(bytes);
  const std::uint8_t* low = block.bytes(128);
  const std::uint8_t* high = block.bytes(64);
  const std::uint8_t* scales = block.bytes(16);
  const float scale = block.half();
  for (std::size_t run = 0; run < 8; ++run) {
    const std::size_t half = run / 4, in_half = run % 4;
    for (std::size_t i = 0; i < 32; ++i) {
      const int low_bits = low[half * 64 + in_half % 2 * 32 + i] >> (in_half / 2 * 4) & 0xf;
      const int high_bits = high[half * 32 + i] >> (in_half * 2) & 3;
      const auto part = static_cast<std::int8_t>(scales[run * 2 + i / 16]);
      *values++ = scale * static_cast<float>(part) * static_cast<float>((low_bits | high_bits << 4) - 32);
    }
  }
}

}  // namespace tempo::io
