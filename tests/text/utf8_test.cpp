#include "utf8.h"

#include <catch2/catch_test_macros.hpp>

#include "byte_map.h"
#include "normalizer.h"

namespace tempo::text {

namespace {

std::string encoded(char32_t code) {
  std::string out;
  append_utf8(out, code);
  return out;
}

// Counts U+FFFD, the only character that it expects besides ASCII.
std::size_t replacements(std::string_view text) {
  const std::string repaired = replace_invalid_utf8(text);
  std::size_t count = 0;
  for (std::size_t at = 0; at < repaired.size();) {
    const CodePoint c = read_utf8(repaired, at);
    count += c.value == kReplacement;
    at += c.length;
  }
  return count;
}

}  // namespace

TEST_CASE("UTF-8: every code point is read as it was written", "[text]") {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    const std::string text = encoded(code);
    const CodePoint c = read_utf8(text, 0);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    REQUIRE(c.valid != surrogate);
    if (surrogate) continue;
    REQUIRE(c.value == code);
    REQUIRE(c.length == text.size());
    REQUIRE(last_utf8("a" + text).value == code);
  }
}

TEST_CASE("UTF-8: one replacement for each longest invalid part, as in Python", "[text]") {
  CHECK(replacements("plain") == 0);
  CHECK(replacements("\xFF\xFE") == 2);
  CHECK(replacements("\xC0\x80") == 2);      // overlong
  CHECK(replacements("\xED\xA0\x80") == 3);  // surrogate
  CHECK(replacements("\xF0\x9F\x98") == 1);  // cut
  CHECK(replacements("\xF0\x9F\x98"
                     "a\xE2\x98") == 2);
  CHECK(replacements("\xF0\x80\x80\x80") == 4);
  CHECK(replacements("\xF4\x90\x80\x80") == 4);  // above U+10FFFF
}

TEST_CASE("UTF-8: printable text is one line and not long", "[text]") {
  CHECK(printable("a\nb\xFF") == "a\uFFFDb\uFFFD");
  CHECK(printable(std::string(1000, 'x')).size() == 103);
}

TEST_CASE("Byte alphabet: 256 different characters that map back", "[text]") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    REQUIRE(from_byte_alphabet(to_byte_alphabet(one)) == one);
  }
  CHECK(to_byte_alphabet(" \n!") == "\u0120\u010A!");
  CHECK_FALSE(from_byte_alphabet("a b"));
  CHECK_FALSE(from_byte_alphabet("\u4E2D"));
}

TEST_CASE("Character classes: white space and words as Unicode has them", "[text]") {
  for (const char32_t space : {0x09, 0x20, 0x85, 0xA0, 0x3000}) CHECK(is_white_space(space));
  for (const char32_t other : {0x41, 0x180E, 0x200B, 0xFEFF}) CHECK_FALSE(is_white_space(other));
  for (const char32_t letter : {0x41, 0x5F, 0x37, 0x301, 0x4E2D, 0x24B6, 0x200D}) CHECK(is_word(letter));
  for (const char32_t other : {0x20, 0x2D, 0xB2, 0x2603}) CHECK_FALSE(is_word(other));
}

TEST_CASE("Normal forms: compose, decompose, and fold compatible characters", "[text]") {
  CHECK(normalize({NormalForm::kNfc}, "e\u0301\u212B") == "\u00E9\u00C5");
  CHECK(normalize({NormalForm::kNfd}, "\u00E9") == "e\u0301");
  CHECK(normalize({NormalForm::kNfkc}, "\uFB01\u00B2") == "fi2");
  CHECK(normalize({NormalForm::kNfkd}, "\u1E9B") == "s\u0307");
  CHECK(normalize({}, "e\u0301") == "e\u0301");
}

}  // namespace tempo::text
