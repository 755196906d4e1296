#include "multiply.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <random>
#include <vector>

using namespace tempo::kernels;

namespace {

std::vector<float> random_numbers(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& number : numbers) number = uniform(random);
  return numbers;
}

float at(const std::vector<float>& values, std::int64_t index) {
  return values[static_cast<std::size_t>(index)];
}

}  // namespace

TEST_CASE("multiply: adds the product, for every number of rows", "[kernels]") {
  constexpr std::int64_t kDepth = 50, kColumns = 64;
  const std::vector<float> b = random_numbers(kDepth * kColumns, 1);
  for (std::int64_t rows = 1; rows <= 14; ++rows) {
    const std::vector<float> a = random_numbers(rows * kDepth, 2), start = random_numbers(rows * kColumns, 3);
    std::vector<float> c = start;
    multiply<true>(rows, kColumns, kDepth, {a.data(), kDepth, 1}, b.data(), kColumns, c.data(), kColumns);
    for (std::int64_t i = 0; i < rows * kColumns; ++i) {
      double sum = at(start, i);
      for (std::int64_t d = 0; d < kDepth; ++d) {
        sum += static_cast<double>(at(a, i / kColumns * kDepth + d)) * at(b, d * kColumns + i % kColumns);
      }
      REQUIRE(std::abs(at(c, i) - sum) <
              (kDepth + 1) * kDepth * 0x1.0p-24);  // a rounding of |sum| < 50 a step
    }
  }
}

TEST_CASE("multiply: a row's bits do not depend on the other rows or on a cut of the depth", "[kernels]") {
  constexpr std::int64_t kRows = 11, kDepth = 50, kColumns = 32, kCut = 17;
  const std::vector<float> a = random_numbers(kRows * kDepth, 4), b = random_numbers(kDepth * kColumns, 5);
  std::vector<float> whole(kRows * kColumns), parts(kRows * kColumns);
  multiply<false>(kRows, kColumns, kDepth, {a.data(), kDepth, 1}, b.data(), kColumns, whole.data(), kColumns);
  for (std::int64_t row = 0; row < kRows; ++row) {
    float* const c = parts.data() + row * kColumns;
    const float* const left = a.data() + row * kDepth;
    multiply<false>(1, kColumns, kCut, {left, kDepth, 1}, b.data(), kColumns, c, kColumns);
    multiply<true>(1, kColumns, kDepth - kCut, {left + kCut, kDepth, 1}, b.data() + kCut * kColumns, kColumns,
                   c, kColumns);
  }
  CHECK(parts == whole);
}

TEST_CASE("multiply: reads a transposed left operand", "[kernels]") {
  constexpr std::int64_t kRows = 7, kDepth = 9, kColumns = 32;
  const std::vector<float> a = random_numbers(kRows * kDepth, 6), b = random_numbers(kDepth * kColumns, 7);
  std::vector<float> turned(kRows * kDepth), plain_c(kRows * kColumns), turned_c(kRows * kColumns);
  for (std::int64_t i = 0; i < kRows * kDepth; ++i) {
    turned[static_cast<std::size_t>(i % kDepth * kRows + i / kDepth)] = at(a, i);
  }
  multiply<false>(kRows, kColumns, kDepth, {a.data(), kDepth, 1}, b.data(), kColumns, plain_c.data(),
                  kColumns);
  multiply<false>(kRows, kColumns, kDepth, {turned.data(), 1, kRows}, b.data(), kColumns, turned_c.data(),
                  kColumns);
  CHECK(turned_c == plain_c);
}

TEST_CASE("transpose: turns a square of registers", "[kernels]") {
  Floats square[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    for (int j = 0; j < kLanes; ++j) square[i][j] = static_cast<float>(100 * i + j);
  }
  transpose(square);
  for (int i = 0; i < kLanes; ++i) {
    for (int j = 0; j < kLanes; ++j) REQUIRE(square[i][j] == static_cast<float>(100 * j + i));
  }
}
