#include "tempo/core/random.h"

namespace tempo::core {

std::uint64_t Shuffle::index(std::uint64_t n) const {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const auto bits = philox4x32({low(n), high(n), stream_, 0x5348'5546}, {low(seed_), high(seed_)});
  return ((static_cast<std::uint64_t>(bits[0]) << 32) | bits[1]) % n;
}

}  // namespace tempo::core
