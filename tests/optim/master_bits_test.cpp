// float32 numbers as bfloat16 and remainder, against ATen's rounding.
#include "optim/master_bits.h"

#include <ATen/ATen.h>

#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>

using tempo::optim::bits_of;
using tempo::optim::master_of;

namespace {

std::uint16_t rounded_by_aten(float value) { return c10::BFloat16(value).x; }

}  // namespace

TEST_CASE("bits_of: the parameter is the nearest bfloat16, and both give the number back", "[optim]") {
  int wrong_rounding = 0, wrong_number = 0;
  for (std::uint32_t high = 0; high < 0x7f80U; high += 13) {  // exponents and upper mantissas
    for (const std::uint32_t sign : {0U, 0x80000000U}) {
      for (const std::uint32_t low : {0U, 1U, 0x7fffU, 0x8001U, 0xffffU, 0x4321U}) {
        const float value = std::bit_cast<float>(sign | high << 16 | low);
        if (!std::isfinite(static_cast<float>(c10::BFloat16(value)))) continue;
        wrong_rounding += bits_of(value).rounded != rounded_by_aten(value);
        wrong_number += std::bit_cast<std::uint32_t>(master_of(bits_of(value))) != (sign | high << 16 | low);
      }
    }
  }
  CHECK(wrong_rounding == 0);
  CHECK(wrong_number == 0);
}

TEST_CASE("bits_of: a number halfway is kept, or its neighbour towards zero", "[optim]") {
  for (const float sign : {1.0F, -1.0F}) {
    const float up = sign * std::bit_cast<float>(0x3f818000U),
                down = sign * std::bit_cast<float>(0x3f808000U);
    CHECK(master_of(bits_of(up)) == up);
    CHECK(bits_of(up).rounded == rounded_by_aten(up));
    CHECK(master_of(bits_of(down)) == std::nextafter(down, 0.0F));
    CHECK(bits_of(down).rounded == rounded_by_aten(down));
  }
}
