#include "common/range_pool.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>

using tempo::common::RangePool;

TEST_CASE("RangePool: ranges follow each other, in units of 64 bytes", "[programs]") {
  RangePool pool(1000);
  CHECK(pool.take(64) == 0);
  CHECK(pool.take(1) == 64);
  CHECK(pool.take(65) == 128);
  CHECK_FALSE(pool.take(1000).has_value());
  CHECK(pool.take(960 - 256) == 256);
  CHECK_FALSE(pool.take(1).has_value());
}

TEST_CASE("RangePool: takes the smallest free range that is large enough", "[programs]") {
  RangePool pool(1 << 20);
  const auto large = *pool.take(1024), between = *pool.take(64), small = *pool.take(256);
  CHECK(between == 1024);
  pool.take(64);
  pool.give_back(large);
  pool.give_back(small);
  CHECK(pool.take(200) == small);
  CHECK(pool.take(200) == large);
  CHECK(pool.take(1024 - 256) == large + 256);
}

TEST_CASE("RangePool: free neighbours become one, whatever the order", "[programs]") {
  const auto first = GENERATE(0, 64, 128);
  const auto second = (first + 64) % 192, third = (first + 128) % 192;
  RangePool pool(192);
  for (int i = 0; i < 3; ++i) pool.take(64);
  for (const std::int64_t begin : {first, second, third}) pool.give_back(begin);
  CHECK(pool.take(192) == 0);
}

TEST_CASE("RangePool: taken ranges never overlap", "[programs]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  CAPTURE(seed);
  std::mt19937 random(seed);
  RangePool pool(1 << 16);
  std::map<std::int64_t, std::int64_t> taken;  // begin, bytes
  for (int i = 0; i < 2000; ++i) {
    const auto bytes = static_cast<std::int64_t>(1 + random() % 4000);
    if (const auto begin = pool.take(bytes)) {
      const auto next = taken.lower_bound(*begin);
      REQUIRE((next == taken.end() || *begin + bytes <= next->first));
      REQUIRE((next == taken.begin() || std::prev(next)->first + std::prev(next)->second <= *begin));
      taken[*begin] = bytes;
    } else {
      const auto freed = std::next(taken.begin(), static_cast<std::ptrdiff_t>(random() % taken.size()));
      pool.give_back(freed->first);
      taken.erase(freed);
    }
  }
  for (const auto& [begin, bytes] : taken) pool.give_back(begin);
  CHECK(pool.take(1 << 16) == 0);
}
