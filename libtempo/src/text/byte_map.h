// The byte-level alphabet: each of the 256 bytes as one printable character, as GPT-2 introduced it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tempo::text {

// Returns the code point of each byte: printable Latin-1 bytes stand for themselves, the others are
// U+0100, U+0101, ... in the order of their values.
const std::array<char32_t, 256>& byte_alphabet();

// Returns the bytes as characters of the alphabet, in UTF-8.
std::string to_byte_alphabet(std::string_view bytes);

// Returns the bytes that the characters stand for; nothing if one of them is not in the alphabet.
std::optional<std::string> from_byte_alphabet(std::string_view utf8);

}  // namespace tempo::text
