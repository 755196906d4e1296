// Every layout against its definition, number by number: all numbers are small integers, exact in bfloat16,
// and the memory around what a function may write holds guards.
#include "tempo/kernels/pack.h"

#include <algorithm>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <vector>

using namespace tempo::kernels;

namespace {

constexpr float kGuard = -99;
constexpr std::int64_t kSizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100};

template <typename Element>
Element number(float value) {
  Element out;
  assign(out, value);
  return out;
}

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// What stands at (row, column) of a matrix: 1 .. 251, 0 nowhere; told apart from its neighbours.
float entry(std::int64_t row, std::int64_t column) {
  return static_cast<float>((row * 37 + column * 11) % 251 + 1);
}

// A matrix of entries; between its rows, and after the last one, stand guards.
template <typename Element>
std::vector<Element> matrix(std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  std::vector<Element> out(index(rows * stride), number<Element>(kGuard));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) out[index(r * stride + c)] = number<Element>(entry(r, c));
  }
  return out;
}

// Memory for `count` numbers and guards after them.
template <typename Element>
std::vector<Element> guarded(std::int64_t count) {
  return std::vector<Element>(index(count + 64), number<Element>(kGuard));
}

template <typename Element>
float at(const std::vector<Element>& memory, std::int64_t i) {
  return to_float(memory[index(i)]);
}

template <typename Element>
bool guards_stand(const std::vector<Element>& memory, std::int64_t begin) {
  return std::all_of(memory.begin() + begin, memory.end(), [](Element x) { return to_float(x) == kGuard; });
}

// Returns the number of wrong places in the panel of b(d, c) = entry(d, c), as the header defines it.
template <typename Element>
int wrong_places(const std::vector<Element>& panel, const PanelShape& shape) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  int wrong = 0;
  for (std::int64_t d = 0; d < (shape.depth + kStep - 1) / kStep * kStep; ++d) {
    for (std::int64_t c = 0; c < shape.width; ++c) {
      const float expected = d < shape.depth && c < shape.columns ? entry(d, c) : 0.0F;
      wrong += at(panel, d / kStep * shape.width * kStep + c * kStep + d % kStep) != expected;
    }
  }
  return wrong;
}

template <typename Element>
std::int64_t panel_size(const PanelShape& shape) {
  constexpr std::int64_t kStep = kDepthStep<Element>;
  return (shape.depth + kStep - 1) / kStep * kStep * shape.width;
}

// Calls check(shape) for every depth and number of columns, in panels as wide as needed and wider.
template <typename Check>
void for_each_shape(const Check& check) {
  for (const std::int64_t depth : kSizes) {
    for (const std::int64_t columns : kSizes) {
      const std::int64_t narrow = (columns + 15) / 16 * 16;
      for (const std::int64_t width : {narrow, narrow + 16, narrow + 48})
        check(PanelShape{.depth = depth, .columns = columns, .width = width});
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("pack_rows: lays out rows of b, zeros where there is none", "[kernels]", float, BFloat16) {
  for_each_shape([](const PanelShape& shape) {
    CAPTURE(shape.depth, shape.columns, shape.width);
    for (const std::int64_t gap : {0, 1, 8}) {
      const std::int64_t stride = shape.columns + gap;
      const auto b = matrix<TestType>(shape.depth, shape.columns, stride);
      auto panel = guarded<TestType>(panel_size<TestType>(shape));
      pack_rows<TestType>({b.data(), stride}, shape, panel.data());
      REQUIRE(wrong_places(panel, shape) == 0);
      REQUIRE(guards_stand(panel, panel_size<TestType>(shape)));
    }
  });
}

TEMPLATE_TEST_CASE("pack_transposed: gives the panel of the transpose's rows", "[kernels]", float, BFloat16) {
  for_each_shape([](const PanelShape& shape) {
    for (const std::int64_t gap : {0, 2, 8}) {
      const std::int64_t stride = (shape.depth + 1) / 2 * 2 + gap;
      CAPTURE(shape.depth, shape.columns, shape.width, stride);
      std::vector<TestType> turned(index(shape.columns * stride), number<TestType>(kGuard));
      for (std::int64_t i = 0; i < shape.columns * shape.depth; ++i) {
        const std::int64_t c = i / shape.depth, d = i % shape.depth;
        turned[index(c * stride + d)] = number<TestType>(entry(d, c));
      }
      auto panel = guarded<TestType>(panel_size<TestType>(shape));
      pack_transposed<TestType>({turned.data(), stride}, shape, panel.data());
      REQUIRE(wrong_places(panel, shape) == 0);
      REQUIRE(guards_stand(panel, panel_size<TestType>(shape)));
    }
  });
}

TEMPLATE_TEST_CASE("transpose_matrix: turns rows into columns, zeros past the last row", "[kernels]", float,
                   BFloat16) {
  for (const std::int64_t rows : kSizes) {
    for (const std::int64_t columns : kSizes) {
      for (const std::int64_t more : {0, 32}) {
        CAPTURE(rows, columns, more);
        const std::int64_t stride = columns + 3, padded = (rows + 31) / 32 * 32 + more,
                           to_stride = padded + 5;
        const auto from = matrix<TestType>(rows, columns, stride);
        auto to = guarded<TestType>(columns * to_stride);
        transpose_matrix<TestType>({from.data(), stride}, rows, columns, to.data(), to_stride, padded);
        int wrong = 0;
        for (std::int64_t i = 0; i < columns * to_stride; ++i) {
          const std::int64_t c = i / to_stride, r = i % to_stride;
          wrong += at(to, i) != (r < rows ? entry(r, c) : r < padded ? 0.0F : kGuard);
        }
        REQUIRE(wrong == 0);
        REQUIRE(guards_stand(to, columns * to_stride));
      }
    }
  }
}

TEMPLATE_TEST_CASE("store_tile: writes sums and bias, nothing between the rows", "[kernels]", float,
                   BFloat16) {
  for (const std::int64_t rows : {1, 3, 64}) {
    for (const std::int64_t columns : kSizes) {
      CAPTURE(rows, columns);
      const std::int64_t stride = columns + 1, to_stride = columns + 7;
      const auto sums = matrix<float>(rows, columns, stride);
      std::vector<TestType> bias;
      for (std::int64_t c = 0; c < columns; ++c) bias.push_back(number<TestType>(static_cast<float>(c % 5)));
      for (const bool has_bias : {false, true}) {
        auto to = guarded<TestType>(rows * to_stride);
        store_tile<TestType>({sums.data(), stride}, rows, columns, has_bias ? bias.data() : nullptr,
                             to.data(), to_stride);
        int wrong = 0;
        for (std::int64_t i = 0; i < rows * to_stride; ++i) {
          const std::int64_t c = i % to_stride;
          const float sum = c < columns ? entry(i / to_stride, c) : kGuard;
          wrong += at(to, i) != (c < columns && has_bias ? sum + static_cast<float>(c % 5) : sum);
        }
        REQUIRE(wrong == 0);
        REQUIRE(guards_stand(to, rows * to_stride));
      }
    }
  }
}

TEST_CASE("store_tile: rounds to bfloat16 once, ties to even, after the bias", "[kernels]") {
  // 256 + 1 lies between 256 and 258, 258 + 1 between 258 and 260: ties. Rounded before the bias, 256 + 1.5
  // would be 256 + 1.5 rounded again, 258, and 256.75 + 0.5 rounded first would be 256.
  const std::vector<float> sums{257, 259, 256.75F, 256.5F};
  const std::vector<BFloat16> bias{number<BFloat16>(0), number<BFloat16>(0), number<BFloat16>(0.5F),
                                   number<BFloat16>(0.25F)};
  std::vector<BFloat16> to(4);
  store_tile<BFloat16>({sums.data(), 4}, 1, 4, bias.data(), to.data(), 4);
  CHECK(at(to, 0) == 256);
  CHECK(at(to, 1) == 260);
  CHECK(at(to, 2) == 258);
  CHECK(at(to, 3) == 256);
}

TEST_CASE("add_tile: adds to what is there, nothing between the rows", "[kernels]") {
  for (const std::int64_t columns : kSizes) {
    CAPTURE(columns);
    constexpr std::int64_t kRows = 5;
    const std::int64_t stride = columns + 2, to_stride = columns + 3;
    const auto sums = matrix<float>(kRows, columns, stride);
    auto to = guarded<float>(kRows * to_stride);
    add_tile({sums.data(), stride}, kRows, columns, to.data(), to_stride);
    int wrong = 0;
    for (std::int64_t i = 0; i < kRows * to_stride; ++i) {
      const std::int64_t c = i % to_stride;
      wrong += at(to, i) != kGuard + (c < columns ? entry(i / to_stride, c) : 0.0F);
    }
    REQUIRE(wrong == 0);
    REQUIRE(guards_stand(to, kRows * to_stride));
  }
}
