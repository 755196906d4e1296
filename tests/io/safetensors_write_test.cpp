#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>

#include "io/scratch.h"
#include "tempo/io/file.h"
#include "tempo/io/safetensors.h"

using Catch::Matchers::ContainsSubstring;
using namespace tempo::io;
using tempo::testing::error_of;
using tempo::testing::golden;
using tempo::testing::Scratch;
using tempo::testing::values_of;

namespace {

// One tensor of four bytes and another of the caller's, written to nowhere: only their check matters.
std::string write_error(const TensorToWrite& second) {
  const Scratch scratch;
  const std::array<std::byte, 4> bytes{};
  const std::array tensors{TensorToWrite{"first", DType::kF32, {1}, bytes}, second};
  const auto text = error_of([&] { write_safetensors(scratch.folder() / "out", tensors); });
  CHECK(std::filesystem::is_empty(scratch.folder()));
  return text;
}

}  // namespace

TEST_CASE("write_safetensors: writes byte for byte the file that Python writes", "[io]") {
  const Scratch scratch;
  const auto source = Safetensors::open(golden("plain.safetensors"));
  std::vector<TensorToWrite> tensors;
  for (const char* name :
       {"bf16", "f16", "i16", "empty", "f32", "scalar", "i32", "i64", "f64", "i8", "u8", "bool"}) {
    tensors.push_back({name, source.dtype(name), source.shape(name), source.bytes(name)});
  }
  write_safetensors(scratch.folder() / "out", tensors);
  const bool equal = read_text(scratch.folder() / "out") == read_text(golden("plain.safetensors"));
  CHECK(equal);  // not the binary texts, which a failure could not print
}

TEST_CASE("write_safetensors: tensors start at multiples of their element size in the file", "[io]") {
  const Scratch scratch;
  const std::array<std::byte, 24> bytes{};
  const std::span<const std::byte> all(bytes);
  const std::array tensors{TensorToWrite{"u8", DType::kU8, {3}, all.first(3)},
                           TensorToWrite{"bf16", DType::kBF16, {1, 3}, all.first(6)},
                           TensorToWrite{"f32", DType::kF32, {1}, all.first(4)},
                           TensorToWrite{"i64", DType::kI64, {3, 1}, all}};
  write_safetensors(scratch.folder() / "out", tensors, {});
  const auto file = Safetensors::open(scratch.folder() / "out");
  const auto start = file.bytes("i64").data();  // the first: a multiple of 8, as the next test shows
  for (const auto& tensor : tensors) {
    const auto offset = static_cast<std::size_t>(file.bytes(tensor.name).data() - start);
    CHECK(offset % size_of(tensor.dtype) == 0);
  }
}

TEST_CASE("write_safetensors: the header is padded with spaces to a multiple of 8 bytes", "[io]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "out";
  for (std::size_t length = 1; length <= 9; ++length) {
    const std::array<std::byte, 4> bytes{};
    const std::array tensors{TensorToWrite{std::string(length, 'x'), DType::kF32, {1}, bytes}};
    write_safetensors(path, tensors);
    const std::string text = read_text(path);
    std::uint64_t header = 0;
    std::memcpy(&header, text.data(), sizeof(header));
    CHECK(header % 8 == 0);
    REQUIRE(text.size() == 8 + header + 4);
    CHECK(text.find_first_not_of(' ', text.rfind('}', 8 + header) + 1) == 8 + header);
  }
}

TEST_CASE("write_safetensors: no tensors give a file that reads back", "[io]") {
  const Scratch scratch;
  write_safetensors(scratch.folder() / "out", {});
  CHECK(Safetensors::open(scratch.folder() / "out").names().empty());
}

TEST_CASE("write_safetensors: wrong tensors are errors and leave no file", "[io]") {
  const std::array<std::byte, 4> four{};
  const std::int64_t huge = std::int64_t{1} << 62;
  CHECK_THAT(write_error({"first", DType::kF32, {1}, four}),
             ContainsSubstring("tensor first: expected it once"));
  CHECK_THAT(write_error({"__metadata__", DType::kF32, {1}, four}), ContainsSubstring("reserved"));
  CHECK_THAT(write_error({"x", DType::kF32, {2}, four}),
             ContainsSubstring("tensor x: expected as many bytes"));
  CHECK_THAT(write_error({"x", DType::kF32, {-1, -1}, four}), ContainsSubstring("expected as many bytes"));
  CHECK_THAT(write_error({"x", DType::kF32, {huge, 4}, {}}), ContainsSubstring("expected as many bytes"));
  CHECK_THAT(write_error({"\xff", DType::kF32, {1}, four}), ContainsSubstring("expected names in UTF-8"));
}
