#include "tempo/io/safetensors.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "io/scratch.h"
#include "tempo/io/file.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace tempo::io;
using tempo::testing::error_of;
using tempo::testing::golden;
using tempo::testing::Scratch;
using tempo::testing::values_of;

TEST_CASE("Safetensors: every dtype reads as the values that Python converts to float32", "[io]") {
  const auto stored = Safetensors::open(golden("plain.safetensors"));
  const auto expected = Safetensors::open(golden("plain_f32.safetensors"));
  REQUIRE(stored.names() == expected.names());
  REQUIRE(stored.names().size() == 12);
  for (const std::string& name : stored.names()) {
    INFO(name);
    CHECK(stored.shape(name) == expected.shape(name));
    CHECK(values_of(stored, name) == values_of(expected, name));
  }
}

TEST_CASE("Safetensors: gives names in order, shapes, types and stored bytes", "[io]") {
  const auto weights = Safetensors::open(golden("plain.safetensors"));
  CHECK(weights.names().front() == "bf16");
  CHECK(weights.shape("bf16") == std::vector<std::int64_t>{3, 5});
  CHECK(weights.shape("scalar").empty());
  CHECK(weights.shape("empty") == std::vector<std::int64_t>{2, 0});
  CHECK(weights.dtype("bf16") == DType::kBF16);
  CHECK(weights.bytes("bf16").size() == 30);
  CHECK(weights.contains("scalar"));
  CHECK_FALSE(weights.contains("missing"));
  CHECK(weights.location() == golden("plain.safetensors").string());
}

TEST_CASE("Safetensors: integers and booleans read as numbers", "[io]") {
  const auto weights = Safetensors::open(golden("plain.safetensors"));
  CHECK(values_of(weights, "i8") == std::vector<float>{-128, -1, 0, 1, 2, 3, 100, 127});
  CHECK(values_of(weights, "i64")[7] == 127 * 65536);
  CHECK(values_of(weights, "bool") == std::vector<float>{0, 0, 0, 1, 1, 1, 1, 1});
}

TEST_CASE("Safetensors: a folder with an index gives the tensors of all shards", "[io]") {
  const auto weights = Safetensors::open(golden("sharded"));
  CHECK(weights.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(values_of(weights, "a") == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(values_of(weights, "b") == std::vector<float>{10, 11, 12, 13, 14, 15});
  CHECK(values_of(weights, "c") == std::vector<float>{20, 21, 22, 23, 24, 25});
  CHECK(weights.dtype("b") == DType::kBF16);
}

TEST_CASE("Safetensors: in a folder, the single file goes before an index", "[io]") {
  const Scratch scratch;
  scratch.write("model.safetensors", read_text(golden("plain.safetensors")));
  scratch.write("model.safetensors.index.json", "not read");
  CHECK(Safetensors::open(scratch.folder()).contains("scalar"));
}

TEST_CASE("Safetensors: stays valid after a move", "[io]") {
  auto weights = Safetensors::open(golden("plain.safetensors"));
  const Safetensors moved = std::move(weights);
  CHECK(values_of(moved, "scalar") == std::vector<float>{0.5f});
}

TEST_CASE("Safetensors: unknown names and wrong sizes are errors with file and tensor", "[io]") {
  const auto weights = Safetensors::open(golden("plain.safetensors"));
  std::vector<float> room(14);
  CHECK(error_of([&] { weights.shape("missing"); }) ==
        weights.location() + ": tensor missing: expected in the file, found none");
  CHECK(error_of([&] { weights.read("bf16", room); }) ==
        weights.location() + ": tensor bf16: expected room for 15 values, got 14");
}
