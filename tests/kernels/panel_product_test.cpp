// Products of rows and a panel against the definition: small integers, so sums are exact in any order.
#include <algorithm>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <type_traits>
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

template <typename Element>
Element number(float value) {
  if constexpr (std::is_same_v<Element, float>)
    return value;
  else
    return to_bfloat16(value);
}

// Rows of `stride` numbers, guards behind the first `depth`.
template <typename Element>
std::vector<Element> left_rows(std::int64_t rows, std::int64_t depth, std::int64_t stride, float scale = 1) {
  std::vector<Element> out(index(rows * stride), number<Element>(kGuard));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t d = 0; d < depth; ++d) out[index(r * stride + d)] = number<Element>(left(r, d) * scale);
  return out;
}

template <typename Element>
std::vector<Element> panel_of(std::int64_t depth, std::int64_t width, float scale = 1) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  std::vector<Element> out(index(depth * width));
  for (std::int64_t d = 0; d < depth; ++d)
    for (std::int64_t c = 0; c < width; ++c)
      out[index((d / kStep * width + c) * kStep + d % kStep)] = number<Element>(right(d, c) * scale);
  return out;
}

float expected(std::int64_t row, std::int64_t column, std::int64_t depth) {
  float sum = 0;
  for (std::int64_t d = 0; d < depth; ++d) sum += left(row, d) * right(d, column);
  return sum;
}

}  // namespace

TEMPLATE_TEST_CASE("multiply_panel: equals the sums of products, and writes nothing else", "[kernels]",
                   BFloat16, float) {
  const std::int64_t depth = GENERATE(2, 30, 64), width = GENERATE(16, 32, 48, 64, 128);
  for (std::int64_t rows = 1; rows <= 26; ++rows) {
    const std::int64_t stride = depth + 3, c_stride = width + 5;
    const auto a = left_rows<TestType>(rows, depth, stride), panel = panel_of<TestType>(depth, width);
    std::vector<float> c(index(rows * c_stride), kGuard);
    multiply_panel<TestType>({a.data(), stride}, rows, depth, panel.data(), width, false, c.data(), c_stride);
    int wrong = 0;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t j = 0; j < c_stride; ++j)
        wrong += c[index(r * c_stride + j)] != (j < width ? expected(r, j, depth) : kGuard);
    CAPTURE(rows, depth, width);
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("multiply_panel: a depth cut into two calls gives the same bits", "[kernels]", BFloat16,
                   float) {
  constexpr std::int64_t kDepth = 64, kWidth = 64, kRows = 7, kCut = 22;
  const auto a = left_rows<TestType>(kRows, kDepth, kDepth, 0.1F);  // sums that round
  const auto panel = panel_of<TestType>(kDepth, kWidth, 0.3F);
  std::vector<float> whole(index(kRows * kWidth)), parts = whole;
  multiply_panel<TestType>({a.data(), kDepth}, kRows, kDepth, panel.data(), kWidth, false, whole.data(),
                           kWidth);
  multiply_panel<TestType>({a.data(), kDepth}, kRows, kCut, panel.data(), kWidth, false, parts.data(),
                           kWidth);
  multiply_panel<TestType>({a.data() + kCut, kDepth}, kRows, kDepth - kCut, panel.data() + kCut * kWidth,
                           kWidth, true, parts.data(), kWidth);
  CHECK(whole == parts);
}

TEMPLATE_TEST_CASE("multiply_panel: a row has the same bits alone and among others", "[kernels]", BFloat16,
                   float) {
  const std::int64_t rows = GENERATE(5, 7, 31, 70), width = GENERATE(32, 64, 128);
  constexpr std::int64_t kDepth = 302;
  const auto a = left_rows<TestType>(rows, kDepth, kDepth, 0.1F);
  const auto panel = panel_of<TestType>(kDepth, width, 0.3F);
  std::vector<float> all(index(rows * width)), each = all;
  multiply_panel<TestType>({a.data(), kDepth}, rows, kDepth, panel.data(), width, false, all.data(), width);
  for (std::int64_t r = 0; r < rows; ++r) {
    multiply_panel<TestType>({a.data() + r * kDepth, kDepth}, 1, kDepth, panel.data(), width, false,
                             each.data() + r * width, width);
  }
  CHECK(all == each);
}

TEMPLATE_TEST_CASE("multiply_panel: asking for a panel that is no memory changes nothing", "[kernels]",
                   BFloat16, float) {
  constexpr std::int64_t kDepth = 64, kRows = 26, kFar = std::int64_t{1} << 40;
  const std::int64_t width = GENERATE(32, 64);
  const auto a = left_rows<TestType>(kRows, kDepth, kDepth), panel = panel_of<TestType>(kDepth, width);
  std::vector<float> plain(index(kRows * width)), asking = plain;
  multiply_panel<TestType>({a.data(), kDepth}, kRows, kDepth, panel.data(), width, false, plain.data(),
                           width);
  for (const std::int64_t next : {-kFar, kDepth * width, kFar}) {
    multiply_panel<TestType>({a.data(), kDepth}, kRows, kDepth, panel.data(), width, false, asking.data(),
                             width, next);
    CHECK(plain == asking);
  }
}
