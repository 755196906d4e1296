#include "tempo/core/random.h"

namespace tempo::core {
namespace {

constexpr int kRounds = 10;
constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;

std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }
std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t p0 = kMultiplier0 * c[0], p1 = kMultiplier1 * c[2];
    c = {high(p1) ^ c[1] ^ key[0], low(p1), high(p0) ^ c[3] ^ key[1], low(p0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return c;
}

double uniform_draw(const DrawKey& key) {
  const auto bits =
      philox4x32({key.step, key.prompt, key.response, key.position}, {low(key.seed), high(key.seed)});
  const std::uint64_t wide = (static_cast<std::uint64_t>(bits[0]) << 32) | bits[1];
  return static_cast<double>(wide >> 11) * 0x1.0p-53;
}

std::uint64_t Shuffle::index(std::uint64_t n) const {
  const auto bits = philox4x32({low(n), high(n), stream_, 0x5348'5546}, {low(seed_), high(seed_)});
  return ((static_cast<std::uint64_t>(bits[0]) << 32) | bits[1]) % n;
}

}  // namespace tempo::core
