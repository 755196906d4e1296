// Sizes of memory as a user reads and writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tempo::common {

// Returns the bytes of "16GiB", "1.5 GiB", "512MB" or "1000000": units KiB, MiB, GiB, TiB (powers of 1024)
// and KB, MB, GB, TB (of 1000), in any case. Nothing for another text, or less than one byte.
std::optional<std::int64_t> parse_bytes(std::string_view text);

// Returns "3.25 GiB", "327.4 MiB" or "22.5 KiB".
std::string format_bytes(std::int64_t bytes);

// Returns the memory of the machine; 0 where the system does not tell.
std::int64_t physical_memory();

// Returns what of this process is in memory now; 0 where the system does not tell.
std::int64_t resident_memory();

}  // namespace tempo::common
