#include "train/shard_index.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using train::ShardIndex;
namespace fs = std::filesystem;

namespace {

template <typename T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

// A shard of numbers [begin, end) of the parameter p, which are their own places, after `updates` updates.
void write_shard(const fs::path& path, std::int64_t begin, std::int64_t end, std::int64_t updates = 3) {
  std::vector<float> numbers;
  for (std::int64_t i = begin; i < end; ++i) numbers.push_back(static_cast<float>(i));
  const std::vector<std::int64_t> count{updates};
  const std::string prefix = core::concat("p[", begin, ':', end, "].");
  const std::vector<io::TensorToWrite> tensors{
      {prefix + "weight", io::DType::kF32, {end - begin}, bytes_of(numbers)},
      {prefix + "updates", io::DType::kI64, {1}, bytes_of(count)}};
  io::write_safetensors(path, tensors);
}

std::vector<float> read(const ShardIndex& shards, std::int64_t begin, std::int64_t end,
                        const std::string& field = "weight") {
  std::vector<float> numbers(static_cast<std::size_t>(end - begin));
  shards.read("p", field, io::DType::kF32, begin, std::as_writable_bytes(std::span(numbers)));
  return numbers;
}

}  // namespace

TEST_CASE("Shard index: a range is read from all shards that hold some of it", "[train]") {
  const Scratch scratch;
  const std::vector<fs::path> paths{scratch.folder() / "b", scratch.folder() / "a", scratch.folder() / "c"};
  write_shard(paths[0], 3, 5);
  write_shard(paths[1], 0, 3);
  write_shard(paths[2], 5, 9, 4);
  const ShardIndex shards(paths);
  CHECK(read(shards, 0, 9) == std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(read(shards, 2, 6) == std::vector<float>{2, 3, 4, 5});
  CHECK(read(shards, 4, 4).empty());
  CHECK(shards.updates("p", 4) == 3);
  CHECK(shards.updates("p", 5) == 4);
}

TEST_CASE("Shard index: what the shards lack is an error that names them", "[train]") {
  const Scratch scratch;
  const std::vector<fs::path> paths{scratch.folder() / "a", scratch.folder() / "b"};
  write_shard(paths[0], 0, 3, -1);
  write_shard(paths[1], 4, 6);
  const ShardIndex shards(paths);
  const std::string a = paths[0].string();
  CHECK(error_of([&] { read(shards, 1, 6); }) ==
        a + ": expected numbers of p up to 6, here or in another shard, got them up to 3");
  CHECK(error_of([&] { read(shards, 0, 2, "moment1"); }).starts_with(a + ": "));
  CHECK_NOTHROW(shards.read("p", "weight", io::DType::kBF16, 0, {}));
  std::vector<std::byte> two(2);
  CHECK(error_of([&] { shards.read("p", "weight", io::DType::kBF16, 0, two); }) ==
        a + ": p[0:3].weight: expected BF16, got F32");
  CHECK(error_of([&] { shards.updates("p", 0); }) == a + ": p[0:3].updates: expected 0 or more, got -1");
}

TEST_CASE("Shard index: a name that promises more numbers than there are is an error", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "a";
  const std::vector<float> numbers{1, 2};
  for (const std::int64_t end : {3LL, 1LL, 1LL << 62, 1LL << 61}) {  // 2^62 numbers: 2^64 bytes, 0 of 64 bits
    const std::string name = core::concat("p[0:", end, "].weight");
    const std::vector<io::TensorToWrite> tensors{
        {name, io::DType::kF32, {2}, bytes_of(numbers)},
        {core::concat("q[0:", end, "].weight"), io::DType::kF32, {0}, {}}};
    io::write_safetensors(path, tensors);
    const ShardIndex shards(std::vector{path});
    CHECK(error_of([&] { read(shards, 0, 1); }) ==
          core::concat(path.string(), ": ", name, ": expected ", end, " numbers, got 2"));
    std::vector<std::byte> out(4);
    CHECK(error_of([&] { shards.read("q", "weight", io::DType::kF32, 0, out); }) ==
          core::concat(path.string(), ": q[0:", end, "].weight: expected ", end, " numbers, got 0"));
  }
}

TEST_CASE("Shard index: names are taken apart, others are an error", "[train]") {
  const auto name = train::parse_shard_tensor_name("a[1].b[0:5].weight");
  REQUIRE(name);
  CHECK(name->parameter == "a[1].b");
  CHECK(name->prefix == "a[1].b[0:5].");
  CHECK(name->field == "weight");
  CHECK((name->begin == 0 && name->end == 5));
  for (const char* const text :
       {"", "a", "a[0:5]", "a[0:5]weight", "a[0.5].x", "a[:5].x", "a[0:].x", "a[5:5].x", "a[-1:5].x",
        "a[0:5 ].x", "a[0:99999999999999999999].x", "a].[0:5", "a[0].x:y"}) {
    CAPTURE(text);
    CHECK_FALSE(train::parse_shard_tensor_name(text));
  }
}
