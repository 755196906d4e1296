#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "io/gguf_builder.h"
#include "io/scratch.h"
#include "tempo/io/gguf.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace tempo::io;
using namespace tempo::testing;

namespace {

constexpr std::uint32_t kU32 = 4, kBool = 7, kString = 8, kArray = 9, kU64 = 10;
constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;

struct BadFile {
  std::string error;  // after the file's name
  std::string bytes;
};

std::string with_metadata(std::vector<std::string> metadata) {
  return GgufParts{.metadata = std::move(metadata)}.bytes();
}

std::string with_tensors(std::vector<TensorInfo> tensors) {
  return GgufParts{.tensors = std::move(tensors)}.bytes();
}

// A file that ends after its two counts.
std::string with_counts(std::uint64_t tensors, std::uint64_t values) {
  return "GGUF" + encoded(std::uint32_t{3}) + encoded(tensors) + encoded(values);
}

void check_all(const std::vector<BadFile>& files) {
  const Scratch scratch;
  for (const auto& [error, bytes] : files) {
    const auto path = scratch.write("bad.gguf", bytes);
    const std::string text = error_of([&] { Gguf::open(path); });
    CHECK_THAT(text, StartsWith(path.string() + ": ") && ContainsSubstring(error));
    CHECK(text.find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("Gguf: the file that the bad ones are made from is right", "[io]") {
  const Scratch scratch;
  for (const std::uint32_t version : {2u, 3u}) {
    const auto gguf = Gguf::open(scratch.write("good.gguf", GgufParts{.version = version}.bytes()));
    CHECK(gguf.shape("t") == std::vector<std::int64_t>{32});
  }
}

TEST_CASE("Gguf: a wrong start is an error", "[io]") {
  check_all({
      {"magic: expected 4 more bytes at byte 0, got 0", ""},
      {"expected a GGUF file", GgufParts{.magic = "GGML"}.bytes()},
      {"version: expected GGUF 2 or 3, got 1", GgufParts{.version = 1}.bytes()},
      {"version: expected GGUF 2 or 3, got 50331648", GgufParts{.version = 3u << 24}.bytes()},
      {"number of tensors: expected at most the 0 that fit into the file, got 1", with_counts(1, 0)},
      {"number of tensors: expected at most", with_counts(~std::uint64_t{0}, 0)},
      {"number of metadata values: expected at most", with_counts(0, kHuge)},
  });
}

TEST_CASE("Gguf: wrong metadata is an error", "[io]") {
  const std::string number = encoded(std::uint32_t{1});
  check_all({
      {"metadata k: expected a value type from 0 to 12, got 13", with_metadata({entry("k", 13, number)})},
      {"metadata k: expected a boolean of 0 or 1, got 2", with_metadata({entry("k", kBool, "\2")})},
      {"metadata k: expected an integer below 2^63",
       with_metadata({entry("k", kU64, encoded(~std::uint64_t{0}))})},
      {"metadata k: expected it once", with_metadata({entry("k", kU32, number), entry("k", kU32, number)})},
      {"metadata key 0: expected 4611686018427387904 more bytes", with_metadata({encoded(kHuge)})},
      {"metadata k: expected 4611686018427387904 more bytes",
       with_metadata({entry("k", kString, encoded(kHuge))})},
      {"metadata k: expected at most", with_metadata({entry("k", kArray, encoded(kU32) + encoded(kHuge))})},
      {"metadata k: expected at most",
       with_metadata({entry("k", kArray, encoded(kString) + encoded(kHuge))})},
      {"got an array of arrays",
       with_metadata({entry("k", kArray, encoded(kArray) + encoded(std::uint64_t{1}) + number)})},
      {"metadata k?k: expected a value type", with_metadata({entry("k\nk", 99, number)})},
      {"expected a whole model in one file, got one of 3 parts",
       with_metadata({entry("split.count", kU32, encoded(std::uint32_t{3}))})},
  });
}

TEST_CASE("Gguf: a wrong alignment is an error", "[io]") {
  const auto with_alignment = [](std::uint32_t alignment) {
    return with_metadata({entry("general.alignment", kU32, encoded(alignment))});
  };
  check_all({
      {"general.alignment: expected a power of two up to 1073741824, got 0", with_alignment(0)},
      {"general.alignment: expected a power of two up to 1073741824, got 48", with_alignment(48)},
      {"general.alignment: expected a power of two up to 1073741824, got 2147483648",
       with_alignment(1u << 31)},
      {"general.alignment: expected an integer",
       with_metadata({entry("general.alignment", kString, encoded("32"))})},
  });
}

TEST_CASE("Gguf: a wrong tensor is an error", "[io]") {
  check_all({
      {"tensor t: expected 1 to 4 dimensions, got 0", with_tensors({{.sizes = {}}})},
      {"tensor t: expected 1 to 4 dimensions, got 5", with_tensors({{.sizes = {1, 1, 1, 1, 1}}})},
      {"tensor t: expected positive sizes, got 0", with_tensors({{.sizes = {32, 0}}})},
      {"tensor t: expected positive sizes, got 18446744073709551615",
       with_tensors({{.sizes = {~std::uint64_t{0}}}})},
      {"tensor t: expected a size below 2^64 bytes", with_tensors({{.sizes = {kHuge, 4}}})},
      {"tensor t: expected a size below 2^64 bytes", with_tensors({{.sizes = {kHuge}}})},
      {"Q5_K or Q6_K, got type 10 (Q2_K)", with_tensors({{.type = 10}})},
      {"Q5_K or Q6_K, got type 77", with_tensors({{.type = 77}})},
      {"tensor t: expected rows of whole blocks of 32, got rows of 33",
       with_tensors({{.sizes = {33, 32}, .type = 8}})},
      {"tensor t: expected an offset that is a multiple of 32, got 4",
       with_tensors({{.sizes = {1}, .offset = 4}})},
      {"tensor t: expected 128 bytes at byte 32 of the data, got a file with 128",
       with_tensors({{.offset = 32}})},
      {"tensor t: expected 128 bytes at byte", with_tensors({{.offset = ~std::uint64_t{31}}})},
      {"tensor t: expected it once", with_tensors({{.sizes = {8}}, {.sizes = {8}, .offset = 32}})},
      {"tensors a and b: expected bytes of their own",
       with_tensors({{.name = "a", .sizes = {9}}, {.name = "b", .sizes = {8}, .offset = 32}})},
  });
}
