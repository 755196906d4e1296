// Files of JSON lines as other programs and mishaps leave them.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>

#include "data/text_file.h"
#include "tempo/data/dataset.h"

using tempo::data::read_examples;
using tempo::testing::error_of;
using tempo::testing::TextFile;

namespace {

const std::string kGood = "{\"problem\": \"P\", \"answer\": \"1\"}\n";

}  // namespace

TEST_CASE("read_examples: skips a byte-order mark and reads rows that end in CRLF", "[data]") {
  const TextFile file(
      "\xEF\xBB\xBF{\"problem\": \"P\", \"answer\": \"1\"}\r\n\r\n{\"problem\": \"Q\", \"answer\": "
      "\"2\"}\r\n");
  const auto examples = read_examples(file.path());
  REQUIRE(examples.size() == 2);
  CHECK(examples[0].problem == "P");
  CHECK(examples[1].answer == "2");
  CHECK(error_of("\xEF\xBB\xBF\r\n") == ": expected at least one row, got an empty file");
}

TEST_CASE("read_examples: says where a row is not UTF-8", "[data]") {
  CHECK(error_of(kGood + "{\"problem\": \"\xff\", \"answer\": \"1\"}") ==
        ":2: expected a JSON object, got text that is not UTF-8 at byte 14");
  CHECK(error_of("{\"problem\": \"caf\xe9\", \"answer\": \"1\"}") ==
        ":1: expected a JSON object, got text that is not UTF-8 at byte 18");
  CHECK(error_of("{\"problem\": \"\xed\xa0\x80\", \"answer\": \"1\"}") ==
        ":1: expected a JSON object, got text that is not UTF-8 at byte 15");
}

TEST_CASE("read_examples: refuses a NUL, as a byte and in a text", "[data]") {
  using namespace std::string_literals;
  CHECK(error_of(kGood + "{\"problem\": \"P\", \"answer\": \"1\"}\0x\n"s) ==
        ":2: expected a JSON object, got a NUL at byte 32");
  CHECK(error_of(R"({"problem": "a\u0000b", "answer": "1"})") ==
        ":1: 'problem': expected a text, got one with a NUL");
  CHECK(error_of("\xFF\xFE{\0"s) == ":1: expected a JSON object, got a NUL at byte 4");
}

TEST_CASE("read_examples: refuses a row over the limit before reading it whole", "[data]") {
  const TextFile file(kGood);
  std::filesystem::resize_file(file.path(), static_cast<std::uintmax_t>(4 * tempo::data::kMaxRowBytes));
  try {
    read_examples(file.path());
    FAIL("read");
  } catch (const tempo::Error& error) {
    CHECK(std::string(error.what())
              .ends_with(":2: expected a row of at most 67108864 bytes, got a longer one"));
  }
}

TEST_CASE("read_examples: a row of a hundred thousand brackets is read or refused in bounded space",
          "[data]") {
  const std::string deep(100000, '[');
  CHECK(error_of(R"({"problem": "P", "answer": "1", "x": )" + deep + "}") ==
        ":1: expected a JSON object, got invalid JSON at byte 100038");
  CHECK(error_of(R"({"problem": "P", "answer": "1", "x": )" + deep + std::string(100000, ']') + "}") ==
        "read");
}
