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
// 1, 2, 3", 2011; the known-answer vectors of its library are a test.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// Returns a uniform number of [0, 1) with 53 random bits for the key.
double uniform_draw(const DrawKey& key);

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
