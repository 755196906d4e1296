#include "tempo/core/hex.h"

#include <catch2/catch_test_macros.hpp>

using namespace tempo::core;

TEST_CASE("Hex: 16 digits, which read back", "[core]") {
  CHECK(hex_text(0x8a5f0f1c2b3d4e5f) == "8a5f0f1c2b3d4e5f");
  CHECK(hex_text(5) == "0000000000000005");
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{5}, ~std::uint64_t{0}})
    CHECK(parse_hex(hex_text(value)) == value);
  CHECK(parse_hex("00000000000000FF") == 255);
}

TEST_CASE("Hex: nothing else is read", "[core]") {
  for (const char* const text : {"", "5", "000000000000000g", "-000000000000005", "00000000000000005",
                                 " 000000000000005", "0x00000000000005"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_hex(text));
  }
}
