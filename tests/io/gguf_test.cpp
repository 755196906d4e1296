#include "tempo/io/gguf.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "io/scratch.h"

using namespace tempo::io;
using tempo::testing::error_of;
using tempo::testing::golden;
using tempo::testing::values_of;

TEST_CASE("Gguf: integers of all widths read back", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  CHECK(gguf.integer("u8") == 200);
  CHECK(gguf.integer("i8") == -100);
  CHECK(gguf.integer("u16") == 60000);
  CHECK(gguf.integer("i16") == -30000);
  CHECK(gguf.integer("u32") == 4000000000);
  CHECK(gguf.integer("i32") == -2000000000);
  CHECK(gguf.integer("u64") == std::int64_t{1} << 62);
  CHECK(gguf.integer("i64") == -(std::int64_t{1} << 62));
}

TEST_CASE("Gguf: floats, booleans and strings read back", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  CHECK(gguf.number("f32") == double{0.1f});
  CHECK(gguf.number("f64") == 0.1);
  CHECK(gguf.number("u8") == 200.0);
  CHECK(gguf.boolean("true"));
  CHECK(gguf.string("text") == "n\xc3\xa4ive \xe6\x9c\xa8");
}

TEST_CASE("Gguf: arrays read back", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  CHECK(gguf.strings("strings") == std::vector<std::string>{"", "a",
                                                            "\xc4\xa0"
                                                            "b"});
  CHECK(gguf.integers("integers") == std::vector<std::int64_t>{-1, 0, 1});
  CHECK(gguf.floats("floats") == std::vector<float>{0.5f, -1.5f});
  CHECK(gguf.integers("booleans") == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("Gguf: a fallback stands in for an absent key only", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  CHECK_FALSE(gguf.has("none"));
  CHECK(gguf.integer("none", 7) == 7);
  CHECK(gguf.number("none", 0.5) == 0.5);
  CHECK(gguf.boolean("none", true));
  CHECK(gguf.string("none", "text") == "text");
  CHECK(gguf.integer("u8", 7) == 200);
  CHECK_THROWS_AS(gguf.integer("text", 7), tempo::Error);
}

TEST_CASE("Gguf: absent keys and other types are errors with file and key", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  const std::string file = gguf.location();
  CHECK(error_of([&] { gguf.integer("none"); }) == file + ": metadata none: expected a value, found none");
  CHECK(error_of([&] { gguf.integer("text"); }) ==
        file + ": metadata text: expected an integer, got a string");
  CHECK(error_of([&] { gguf.number("true"); }) == file + ": metadata true: expected a number, got a boolean");
  CHECK(error_of([&] { gguf.strings("floats"); }) ==
        file + ": metadata floats: expected an array of strings, got an array of floats");
}

TEST_CASE("Gguf: shapes are row-major and the values follow", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  CHECK(gguf.shape("f32") == std::vector<std::int64_t>{2, 3, 8});
  CHECK(gguf.shape("q6_k") == std::vector<std::int64_t>{12, 256});
  CHECK(values_of(gguf, "f32").size() == 48);
  CHECK(gguf.contains("q4_0"));
  CHECK_FALSE(gguf.contains("q2_k"));
}

TEST_CASE("Gguf: unknown names and wrong sizes are errors with file and tensor", "[io]") {
  const auto gguf = Gguf::open(golden("blocks.gguf"));
  std::vector<float> room(47);
  CHECK(error_of([&] { gguf.shape("x"); }) ==
        gguf.location() + ": tensor x: expected in the file, found none");
  CHECK(error_of([&] { gguf.read("f32", room); }) ==
        gguf.location() + ": tensor f32: expected room for 48 values, got 47");
}
