// Counter-based random numbers: a draw is a pure function of its key, so it does not depend on the order of
// work.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace tempo::core {

// Identifies one draw of the sampler.
struct DrawKey {
  std::uint64_t seed = 0;
  std::uint32_t step = 0;      // training step, or 0
  std::uint32_t prompt = 0;    // index of the prompt in its step
  std::uint32_t response = 0;  // index of the response in its group
  std::uint32_t position = 0;  // index of the token in its response
};

// Returns Philox4x32-10 of the counter and key. Source: Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011; the known-answer vectors of its library are a test. Constant expressions run on devices,
// too.
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0], p1 = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

// Returns a uniform number of [0, 1) with 53 random bits for the key.
constexpr double uniform_draw(const DrawKey& key) {
  const auto bits =
      philox4x32({key.step, key.prompt, key.response, key.position},
                 {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)});
  const std::uint64_t wide = (std::uint64_t{bits[0]} << 32) | bits[1];
  return static_cast<double>(wide >> 11) * 0x1.0p-53;
}

// Fisher-Yates shuffle of 0..n-1 by (seed, stream): the same order on every machine.
// Reads 64 bits a position; the bias of the modulus is below n / 2^64.
class Shuffle {
 public:
  Shuffle(std::uint64_t seed, std::uint32_t stream) : seed_(seed), stream_(stream) {}

  template <typename Container>
  void operator()(Container& items) const {
    for (std::uint64_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[index(i)]);
  }

 private:
  // Returns a number of [0, n).
  std::uint64_t index(std::uint64_t n) const;

  std::uint64_t seed_;
  std::uint32_t stream_;
};

}  // namespace tempo::core
