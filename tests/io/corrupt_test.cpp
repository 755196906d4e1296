// Damaged files: each open must end in success or in an error with the file's name, never in a crash. What a
// crash would be shows best under the address sanitizer.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <random>

#include "io/gguf_builder.h"
#include "io/scratch.h"
#include "tempo/io/file.h"
#include "tempo/io/gguf.h"
#include "tempo/io/safetensors.h"

using Catch::Matchers::StartsWith;
using namespace tempo::io;
using namespace tempo::testing;

namespace {

constexpr int kDamages = 3000;

// Every kind of metadata value, and tensors of three types.
std::string small_gguf() {
  GgufParts parts;
  parts.metadata = {entry("number", 4, encoded(7u)),
                    entry("text", 8, encoded("abc")),
                    entry("flag", 7, "\1"),
                    entry("array", 9, encoded(8u) + encoded(std::uint64_t{2}) + encoded("x") + encoded("y")),
                    entry("floats", 9, encoded(6u) + encoded(std::uint64_t{1}) + encoded(0.5f)),
                    entry("general.alignment", 4, encoded(32u))};
  parts.tensors = {{"f32", {4, 2}, 0, 0}, {"q8_0", {32, 2}, 8, 32}, {"q4_k", {256}, 12, 128}};
  parts.data_size = 128 + 144;
  return parts.bytes();
}

template <typename Source>
void read_all(const Source& weights) {
  for (const std::string& name : weights.names()) values_of(weights, name);
}

// Opens the damaged file and reads all of it; returns whether that worked.
template <typename Source>
bool opens(const Scratch& scratch, const std::string& bytes) {
  const auto path = scratch.write("damaged", bytes);
  const std::string error = error_of([&] { read_all(Source::open(path)); });
  if (error == "nothing thrown") return true;
  CHECK_THAT(error, StartsWith(path.string() + ": "));
  return false;
}

template <typename Source>
void check_every_truncation(const std::string& bytes) {
  const Scratch scratch;
  REQUIRE(opens<Source>(scratch, bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    INFO("length " << length);
    CHECK_FALSE(opens<Source>(scratch, bytes.substr(0, length)));
  }
}

// Changes one to four bytes before the tensors' bytes.
template <typename Source>
void check_random_damage(const std::string& bytes, std::size_t header_size) {
  const Scratch scratch;
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int damage = 0; damage < kDamages; ++damage) {
    INFO("damage " << damage);
    std::string damaged = bytes;
    for (unsigned changes = random() % 4 + 1; changes > 0; --changes) {
      damaged[random() % header_size] = static_cast<char>(random());
    }
    opens<Source>(scratch, damaged);
  }
}

}  // namespace

TEST_CASE("Gguf: a file cut at any length is an error", "[io]") {
  check_every_truncation<Gguf>(small_gguf());
}

TEST_CASE("Safetensors: a file cut at any length is an error", "[io]") {
  check_every_truncation<Safetensors>(read_text(golden("plain.safetensors")));
}

TEST_CASE("Gguf: random damage gives an error or a file that reads", "[io]") {
  const std::string bytes = small_gguf();
  check_random_damage<Gguf>(bytes, bytes.size() - 128 - 144);
}

TEST_CASE("Safetensors: random damage gives an error or a file that reads", "[io]") {
  const std::string bytes = read_text(golden("plain.safetensors"));
  check_random_damage<Safetensors>(bytes, bytes.size() - 380);
}
