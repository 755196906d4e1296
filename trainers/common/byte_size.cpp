#include "common/byte_size.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>

namespace tempo::common {
namespace {

constexpr double kKibi = 1024;
constexpr double kMostBytes = 1e18;  // below 2^63

// Returns 0 for what is no unit.
double factor_of(std::string unit) {
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kPrefixes = "kmgt";
  const auto power = kPrefixes.find(unit.front());
  if (power == kPrefixes.npos) return 0;
  const std::string rest = unit.substr(1);
  const double base = rest == "ib" ? kKibi : rest == "b" ? 1000 : 0;
  return std::pow(base, static_cast<double>(power + 1));
}

std::int64_t page_size() { return sysconf(_SC_PAGESIZE); }

}  // namespace

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  const double bytes = number * factor_of(std::string(unit));
  if (!(bytes >= 1 && bytes < kMostBytes)) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

std::string format_bytes(std::int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (size >= kKibi * kKibi * kKibi) return fmt::format("{:.2f} GiB", size / (kKibi * kKibi * kKibi));
  if (size >= kKibi * kKibi) return fmt::format("{:.1f} MiB", size / (kKibi * kKibi));
  return fmt::format("{:.1f} KiB", size / kKibi);
}

std::int64_t physical_memory() {
  const std::int64_t pages = sysconf(_SC_PHYS_PAGES);
  return pages > 0 ? pages * page_size() : 0;
}

std::int64_t resident_memory() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  return statm >> all >> resident ? resident * page_size() : 0;
}

}  // namespace tempo::common
