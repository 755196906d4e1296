#include "tempo/io/dequantize.h"

#include <array>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "io/scratch.h"
#include "tempo/io/gguf.h"
#include "tempo/io/safetensors.h"

using namespace tempo::io;
using tempo::testing::error_of;
using tempo::testing::golden;
using tempo::testing::values_of;

namespace {

// The format's definition: (-1)^sign * 2^(exponent - 25) * (1024 + fraction), without the 1024 at exponent 0.
float half_by_definition(unsigned bits) {
  const unsigned exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const float magnitude =
      exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                    : std::ldexp(static_cast<float>(1024 + fraction), static_cast<int>(exponent) - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

float half(std::uint16_t bits) {
  float value = 0;
  dequantize(GgmlType::kF16, std::as_bytes(std::span(&bits, 1)), std::span(&value, 1));
  return value;
}

}  // namespace

TEST_CASE("dequantize: random blocks of every type equal the Python package bit for bit", "[io]") {
  const auto blocks = Gguf::open(golden("blocks.gguf"));
  const auto expected = Safetensors::open(golden("blocks_f32.safetensors"));
  REQUIRE(blocks.names() == expected.names());
  REQUIRE(blocks.names().size() == 11);
  for (const std::string& name : blocks.names()) {
    INFO(name);
    REQUIRE(blocks.shape(name) == expected.shape(name));
    const auto values = values_of(blocks, name);
    CHECK(std::memcmp(values.data(), expected.bytes(name).data(), values.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("dequantize: every finite half equals its definition", "[io]") {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7c00) == 0x7c00) continue;
    const float value = half(static_cast<std::uint16_t>(bits));
    if (std::bit_cast<std::uint32_t>(value) != std::bit_cast<std::uint32_t>(half_by_definition(bits))) {
      FAIL("half " << bits << " gives " << value);
    }
  }
}

TEST_CASE("dequantize: infinite halves and NaN stay so", "[io]") {
  CHECK(half(0x7c00) == std::numeric_limits<float>::infinity());
  CHECK(half(0xfc00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(half(0x7e00)));
}

TEST_CASE("dequantize: bytes and values that do not fit each other are an error", "[io]") {
  const std::array<std::byte, 36> bytes{};
  std::vector<float> values(64);
  CHECK_NOTHROW(dequantize(GgmlType::kQ4_0, bytes, values));
  CHECK(error_of([&] { dequantize(GgmlType::kQ4_0, std::span(bytes).first(35), values); }) ==
        "dequantize: expected 32 values for each 18 bytes, got 64 for 35");
  CHECK(error_of([&] { dequantize(GgmlType::kQ4_0, bytes, std::span(values).first(63)); }) ==
        "dequantize: expected 32 values for each 18 bytes, got 63 for 36");
}

TEST_CASE("ggml_type: knows the numbers of the readable types only", "[io]") {
  CHECK(ggml_type(14) == GgmlType::kQ6_K);
  CHECK_FALSE(ggml_type(10).has_value());
  CHECK_FALSE(ggml_type(4000000000).has_value());
  CHECK(describe_ggml_type(10) == "10 (Q2_K)");
  CHECK(describe_ggml_type(4) == "4");
  CHECK(describe_ggml_type(4000000000) == "4000000000");
}
