#include "common/byte_size.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>

using namespace tempo::common;

TEST_CASE("parse_bytes: a number and a unit", "[programs]") {
  CHECK(parse_bytes("16GiB") == std::int64_t{16} << 30);
  CHECK(parse_bytes("1.5 gib") == std::int64_t{3} << 29);
  CHECK(parse_bytes("512MB") == 512'000'000);
  CHECK(parse_bytes("2KiB") == 2048);
  CHECK(parse_bytes("1TB") == 1'000'000'000'000);
  CHECK(parse_bytes("77") == 77);
  CHECK(parse_bytes("77B") == 77);
}

TEST_CASE("parse_bytes: refuses other texts, and sizes that are none", "[programs]") {
  for (const char* text : {"", " ", "GiB", "16G", "16Gi", "16GiBs", "x16GiB", "-1GiB", "0", "0.5", "nan",
                           "inf", "1e9", "9999999TiB"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_bytes(text));
  }
}

TEST_CASE("format_bytes: three digits or so, in the largest unit", "[programs]") {
  CHECK(format_bytes(0) == "0.0 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(std::int64_t{327} << 20) == "327.0 MiB");
  CHECK(format_bytes(std::int64_t{13} << 28) == "3.25 GiB");
}

TEST_CASE("physical_memory: more than this process has", "[programs]") {
  CHECK(physical_memory() > resident_memory());
  CHECK(resident_memory() > 0);
}
