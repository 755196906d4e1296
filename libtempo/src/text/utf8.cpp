#include "utf8.h"

#include <utf8proc.h>

#include <algorithm>

namespace tempo::text {

namespace {

// What may follow a lead byte: how many bytes, and the range of the first of them. The range keeps out
// overlong forms, surrogates and values above U+10FFFF.
struct Lead {
  std::size_t continuation = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead lead(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0};
}

}  // namespace

CodePoint read_utf8(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1, true};
  Lead expected = lead(first);
  if (expected.continuation == 0) return {kReplacement, 1, false};
  char32_t value = first & (0x3Fu >> expected.continuation);
  for (std::size_t i = 1; i <= expected.continuation; ++i) {
    const unsigned char byte = at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    if (byte < expected.low || byte > expected.high) return {kReplacement, i, false};
    expected.low = 0x80;
    expected.high = 0xBF;
    value = (value << 6) | (byte & 0x3Fu);
  }
  return {value, expected.continuation + 1, true};
}

CodePoint last_utf8(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return read_utf8(text, at);
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = read_utf8(text, at);
    if (!c.valid) return false;
    at += c.length;
  }
  return true;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = read_utf8(text, at);
    append_utf8(out, c.value);
    at += c.length;
  }
  return out;
}

std::string replace_invalid_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = read_utf8(text, at);
    append_utf8(out, c.value);
    at += c.valid ? c.length : 1;
  }
  return out;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (out.size() >= kLongest) return out + "...";
    const CodePoint c = read_utf8(text, at);
    const bool control = utf8proc_category(static_cast<utf8proc_int32_t>(c.value)) == UTF8PROC_CATEGORY_CC;
    append_utf8(out, control ? kReplacement : c.value);
    at += c.length;
  }
  return out;
}

bool is_white_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

bool is_word(char32_t code) {
  constexpr char32_t kZeroWidthNonJoiner = 0x200C;
  constexpr char32_t kZeroWidthJoiner = 0x200D;
  // Circled and squared letters: symbols that have the property Alphabetic.
  constexpr char32_t kLetterSymbols[][2] = {
      {0x24B6, 0x24E9}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      break;
  }
  return code == kZeroWidthNonJoiner || code == kZeroWidthJoiner ||
         std::ranges::any_of(kLetterSymbols, [&](const auto& r) { return code >= r[0] && code <= r[1]; });
}

}  // namespace tempo::text
