#include "tempo/kernels/bfloat16.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

using namespace tempo::kernels;

TEST_CASE("BFloat16: every number survives the way through float32", "[kernels]") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = to_float(BFloat16{static_cast<std::uint16_t>(bits)});
    if (std::isnan(value)) {
      REQUIRE(std::isnan(to_float(to_bfloat16(value))));
    } else {
      REQUIRE(to_bfloat16(value).bits == bits);
    }
  }
}

TEST_CASE("BFloat16: rounds to nearest, ties to even", "[kernels]") {
  // Neighbours of 1 are 1 - 2^-8 and 1 + 2^-7.
  CHECK(to_float(to_bfloat16(1.0F + 0x1.0p-8F)) == 1.0F);
  CHECK(to_float(to_bfloat16(1.0F + 0x1.8p-8F)) == 1.0F + 0x1.0p-7F);
  CHECK(to_float(to_bfloat16(1.0F + 0x1.8p-7F)) == 1.0F + 0x1.0p-6F);
  CHECK(to_float(to_bfloat16(-1.0F - 0x1.02p-8F)) == -1.0F - 0x1.0p-7F);
}

TEST_CASE("BFloat16: what is beyond the largest number becomes infinity", "[kernels]") {
  CHECK(std::isinf(to_float(to_bfloat16(std::numeric_limits<float>::max()))));
  CHECK(std::isinf(to_float(to_bfloat16(std::numeric_limits<float>::infinity()))));
}
