#include "tempo/core/random.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

using tempo::core::DrawKey;

// The known-answer vectors published with the Random123 library.
TEST_CASE("philox4x32: agrees with the published vectors", "[core]") {
  using Counter = std::array<std::uint32_t, 4>;
  CHECK(tempo::core::philox4x32({0, 0, 0, 0}, {0, 0}) ==
        Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(tempo::core::philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(tempo::core::philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("uniform_draw: every field of the key changes the draw", "[core]") {
  const DrawKey base{.seed = 7, .step = 1, .prompt = 2, .response = 3, .position = 4};
  std::set<double> draws{tempo::core::uniform_draw(base)};
  for (int field = 0; field < 5; ++field) {
    DrawKey key = base;
    if (field == 0) key.seed += std::uint64_t{1} << 40;
    if (field == 1) ++key.step;
    if (field == 2) ++key.prompt;
    if (field == 3) ++key.response;
    if (field == 4) ++key.position;
    draws.insert(tempo::core::uniform_draw(key));
  }
  CHECK(draws.size() == 6);
}

TEST_CASE("uniform_draw: is at least 0 and below 1, with the moments of a uniform", "[core]") {
  constexpr int kDraws = 100'000;
  double sum = 0, squares = 0;
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const double u = tempo::core::uniform_draw({.seed = 11, .position = i});
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
  }
  const double mean = sum / kDraws;
  // Five standard errors: of the mean sqrt(1/12/n), of the second moment sqrt(4/45/n).
  CHECK(std::abs(mean - 0.5) < 5 * 0.2887 / 316.2);
  CHECK(std::abs(squares / kDraws - 1.0 / 3) < 5 * 0.2981 / 316.2);
}

TEST_CASE("Shuffle: a permutation that depends on seed and stream only", "[core]") {
  const auto shuffled = [](std::uint64_t seed, std::uint32_t stream) {
    std::vector<int> items(100);
    std::iota(items.begin(), items.end(), 0);
    tempo::core::Shuffle(seed, stream)(items);
    return items;
  };
  const auto first = shuffled(1, 0);
  CHECK(std::set<int>(first.begin(), first.end()).size() == 100);
  CHECK(first == shuffled(1, 0));
  CHECK(first != shuffled(1, 1));
  CHECK(first != shuffled(2, 0));
}
