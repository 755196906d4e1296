#include "charsmap.h"

#include <cstdint>

#include "tempo/core/error.h"

namespace tempo::text {

namespace {

// A number of 32 bits, little-endian.
std::uint32_t read_unit(std::string_view bytes, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[4 * index + i])) << (8 * i);
  }
  return value;
}

// Darts-clone's units: from unit i the byte b leads to unit i ^ offset ^ b.
constexpr std::uint32_t kHasLeaf = 1u << 8;
constexpr std::uint32_t kWideOffset = 1u << 9;
constexpr std::uint32_t kValue = 0x7FFFFFFFu;

std::uint32_t offset_of(std::uint32_t unit) { return (unit >> 10) << ((unit & kWideOffset) >> 6); }

}  // namespace

void check_charsmap(std::string_view table, const std::string& where) {
  if (table.empty()) return;
  const auto check = [&](bool fine, const char* expected) {
    TEMPO_CHECK(fine, where, ": precompiled_charsmap: expected ", expected, ", got a damaged one");
  };
  check(table.size() > 4, "its size");
  const std::size_t trie_bytes = read_unit(table, 0);
  check(trie_bytes % 4 == 0 && trie_bytes >= 1024 && trie_bytes < table.size() - 4, "a trie within it");
  const std::string_view trie = table.substr(4, trie_bytes);
  const std::string_view texts = table.substr(4 + trie_bytes);
  check(texts.back() == '\0', "texts that end");
  const std::size_t units = trie_bytes / 4;
  for (std::size_t i = 0; i < units; ++i) {
    const std::uint32_t unit = read_unit(trie, i);
    if ((unit & ~kValue) != 0) continue;  // a leaf leads nowhere
    const std::size_t next = i ^ offset_of(unit);
    check((next | 0xFFu) < units, "a trie that stays inside");
    if ((unit & kHasLeaf) == 0) continue;
    check((read_unit(trie, next) & kValue) < texts.size(), "texts that are there");
  }
}

}  // namespace tempo::text
