// Products of few rows and a panel against the definition: small integers, so sums are exact in any order.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <vector>

#include "tempo/kernels/pack.h"

using namespace tempo::kernels;

namespace {

constexpr float kGuard = -99;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

float left(std::int64_t row, std::int64_t depth) {
  return static_cast<float>((row * 7 + depth * 3) % 11 - 5);
}
float right(std::int64_t depth, std::int64_t column) {
  return static_cast<float>((depth * 5 + column * 13) % 17 - 8);
}

// Rows of `stride` numbers, guards behind the first `depth`.
std::vector<BFloat16> left_rows(std::int64_t rows, std::int64_t depth, std::int64_t stride) {
  std::vector<BFloat16> out(index(rows * stride), to_bfloat16(kGuard));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t d = 0; d < depth; ++d) out[index(r * stride + d)] = to_bfloat16(left(r, d));
  return out;
}

std::vector<BFloat16> panel_of(std::int64_t depth, std::int64_t width) {
  std::vector<BFloat16> out(index(depth * width));
  for (std::int64_t d = 0; d < depth; ++d)
    for (std::int64_t c = 0; c < width; ++c)
      out[index((d / 2 * width + c) * 2 + d % 2)] = to_bfloat16(right(d, c));
  return out;
}

float expected(std::int64_t row, std::int64_t column, std::int64_t depth) {
  float sum = 0;
  for (std::int64_t d = 0; d < depth; ++d) sum += left(row, d) * right(d, column);
  return sum;
}

}  // namespace

TEST_CASE("multiply_panel: equals the sums of products, and writes nothing else", "[kernels]") {
  const std::int64_t depth = GENERATE(2, 30, 64), width = GENERATE(16, 32, 48, 64, 128);
  for (std::int64_t rows = 1; rows <= 26; ++rows) {
    const std::int64_t stride = depth + 3, c_stride = width + 5;
    const auto a = left_rows(rows, depth, stride), panel = panel_of(depth, width);
    std::vector<float> c(index(rows * c_stride), kGuard);
    multiply_panel({a.data(), stride}, rows, depth, panel.data(), width, false, c.data(), c_stride);
    int wrong = 0;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t j = 0; j < c_stride; ++j)
        wrong += c[index(r * c_stride + j)] != (j < width ? expected(r, j, depth) : kGuard);
    CAPTURE(rows, depth, width);
    CHECK(wrong == 0);
  }
}

TEST_CASE("multiply_panel: a depth cut into two calls gives the same bits", "[kernels]") {
  constexpr std::int64_t kDepth = 64, kWidth = 64, kRows = 7, kCut = 22;
  std::vector<BFloat16> a = left_rows(kRows, kDepth, kDepth), panel = panel_of(kDepth, kWidth);
  for (BFloat16& x : a) x = to_bfloat16(to_float(x) * 0.1F);  // sums that round
  for (BFloat16& x : panel) x = to_bfloat16(to_float(x) * 0.3F);
  std::vector<float> whole(index(kRows * kWidth)), parts = whole;
  multiply_panel({a.data(), kDepth}, kRows, kDepth, panel.data(), kWidth, false, whole.data(), kWidth);
  multiply_panel({a.data(), kDepth}, kRows, kCut, panel.data(), kWidth, false, parts.data(), kWidth);
  multiply_panel({a.data() + kCut, kDepth}, kRows, kDepth - kCut, panel.data() + kCut * kWidth, kWidth, true,
                 parts.data(), kWidth);
  CHECK(whole == parts);
}

TEST_CASE("multiply_panel: asking for a panel that is no memory changes nothing", "[kernels]") {
  constexpr std::int64_t kDepth = 64, kRows = 26, kFar = std::int64_t{1} << 40;
  const std::int64_t width = GENERATE(32, 64);
  const auto a = left_rows(kRows, kDepth, kDepth), panel = panel_of(kDepth, width);
  std::vector<float> plain(index(kRows * width)), asking = plain;
  multiply_panel({a.data(), kDepth}, kRows, kDepth, panel.data(), width, false, plain.data(), width);
  for (const std::int64_t next : {-kFar, kDepth * width, kFar}) {
    multiply_panel({a.data(), kDepth}, kRows, kDepth, panel.data(), width, false, asking.data(), width, next);
    CHECK(plain == asking);
  }
}
