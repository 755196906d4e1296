#include "tempo/core/hex.h"

#include <charconv>
#include <cstdio>

namespace tempo::core {

std::string hex_text(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value, 16);
  if (text.size() != 16 || code != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace tempo::core
