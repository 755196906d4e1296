// UTF-8: reading, writing, repairing, showing, and the two classes of characters that added tokens look at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tempo::text {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // bytes
  bool valid = true;       // false: value is kReplacement, length covers the longest start of a character
};

// Returns the character at text[at...]. Requires at < text.size().
CodePoint read_utf8(std::string_view text, std::size_t at);

// Returns the last character of valid UTF-8. Requires a non-empty text.
CodePoint last_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t code);

// Returns true for text that is UTF-8 throughout.
bool is_utf8(std::string_view text);

// Returns the text with U+FFFD for each longest invalid part, as Python's decode(errors="replace") gives.
std::string replace_invalid_utf8(std::string_view text);

// Returns the text with U+FFFD for each byte that is not part of a character, as sentencepiece decodes.
std::string replace_invalid_bytes(std::string_view text);

// Returns the text fit for an error of one line: U+FFFD for control characters and what is not UTF-8, and the
// end cut off where it is long.
std::string printable(std::string_view text);

bool is_white_space(char32_t code);  // the Unicode property White_Space
bool is_word(char32_t code);         // letters, marks, digits, connectors: what \w stands for

}  // namespace tempo::text
