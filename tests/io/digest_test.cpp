#include "tempo/io/digest.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>

#include "io/scratch.h"
#include "tempo/io/file.h"

using namespace tempo::io;
using tempo::testing::Scratch;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

// The empty input's value stands in xxHash's specification; the other two are python-xxhash's.
TEST_CASE("Digest: is XXH3 of 64 bits", "[io]") {
  CHECK(Digest().value() == FileDigest{0, 0x2d06800538d394c2});
  Digest digest;
  digest.add(bytes_of("tempo"));
  CHECK(digest.value() == FileDigest{5, 0x68121264e3ebc1d3});
  std::string long_text;
  for (int i = 0; i < 1000; ++i) long_text += "0123456789";
  Digest other;
  other.add(bytes_of(long_text));
  CHECK(other.value() == FileDigest{10'000, 0x2da683cfe7106d98});
}

TEST_CASE("Digest: how the bytes are cut does not matter", "[io]") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>(i * 7);
  Digest whole, parts;
  whole.add(bytes_of(text));
  for (std::size_t begin = 0; begin < text.size(); begin += 613)
    parts.add(bytes_of(std::string_view(text).substr(begin, 613)));
  CHECK(whole.value() == parts.value());
}

TEST_CASE("Digest: what a file returns when it is written is what is read", "[io]") {
  const Scratch scratch;
  const std::string text(3'000'000, 'x');  // in several pieces
  const FileDigest written = write_text_atomically(scratch.folder() / "file", text);
  CHECK(written.size == text.size());
  CHECK(digest_file(scratch.folder() / "file") == written);
}
