// 64-bit numbers, fingerprints and checksums among them, as texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tempo::core {

// Returns 16 hexadecimal digits.
std::string hex_text(std::uint64_t value);

// Reads what hex_text writes, in capital letters, too; nothing else.
std::optional<std::uint64_t> parse_hex(std::string_view text);

}  // namespace tempo::core
