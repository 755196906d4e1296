#include "multiply_words.h"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "tempo/kernels/pack.h"

using namespace tempo::kernels;

namespace {

template <typename Element>
std::vector<Element> random_numbers(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1.0F, 1.0F);
  std::vector<Element> numbers(static_cast<std::size_t>(count));
  for (Element& number : numbers) assign(number, uniform(random));
  return numbers;
}

template <typename Element>
double at(const std::vector<Element>& values, std::int64_t index) {
  return static_cast<double>(to_float(values[static_cast<std::size_t>(index)]));
}

template <typename Element>
const LooseWord* words(const std::vector<Element>& numbers) {
  return reinterpret_cast<const LooseWord*>(numbers.data());
}

}  // namespace

TEMPLATE_TEST_CASE("multiply_words: adds the product, for every number of rows and columns", "[kernels]",
                   float, BFloat16) {
  constexpr std::int64_t kDepth = 50, kStep = kDepthStep<TestType>;
  const auto columns = kLanes * GENERATE(1, 2, 3, 4, 5, 8);
  const auto rows = GENERATE(1, 2, 3, 4, 5, 6, 7, 14);
  const auto a = random_numbers<TestType>(rows * kDepth, 1),
             b = random_numbers<TestType>(kDepth * columns, 2);
  const std::vector<float> start = random_numbers<float>(rows * columns, 3);
  std::vector<TestType> packed(b.size());
  pack_rows<TestType>({b.data(), columns}, {kDepth, columns, columns}, packed.data());
  std::vector<float> sum = start, product = start;
  const LeftWords left{words(a), kDepth / kStep, 1};
  const RightWords right{words(packed), columns};
  multiply_words<TestType, true>(rows, columns, kDepth / kStep, left, right, {sum.data(), columns});
  multiply_words<TestType, false>(rows, columns, kDepth / kStep, left, right, {product.data(), columns});
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    double exact = 0.0;
    for (std::int64_t d = 0; d < kDepth; ++d)
      exact += at(a, i / columns * kDepth + d) * at(b, d * columns + i % columns);
    const double limit = (kDepth + 1) * kDepth * 0x1.0p-24;  // a rounding of |sum| < 50 a step
    REQUIRE(std::abs(at(product, i) - exact) < limit);
    REQUIRE(std::abs(at(sum, i) - exact - at(start, i)) < limit);
  }
}

TEST_CASE("multiply_words: reads a transposed left operand", "[kernels]") {
  constexpr std::int64_t kRows = 7, kDepth = 9, kColumns = 4 * kLanes;
  const auto a = random_numbers<float>(kRows * kDepth, 4), b = random_numbers<float>(kDepth * kColumns, 5);
  std::vector<float> turned(kRows * kDepth), plain_c(kRows * kColumns), turned_c(kRows * kColumns);
  for (std::size_t i = 0; i < kRows * kDepth; ++i) turned[i % kDepth * kRows + i / kDepth] = a[i];
  multiply_words<float, false>(kRows, kColumns, kDepth, {words(a), kDepth, 1}, {words(b), kColumns},
                               {plain_c.data(), kColumns});
  multiply_words<float, false>(kRows, kColumns, kDepth, {words(turned), 1, kRows}, {words(b), kColumns},
                               {turned_c.data(), kColumns});
  CHECK(turned_c == plain_c);
}

TEST_CASE("round_to_pairs, zip_halves, store_half: place each number rounded to the nearest", "[kernels]") {
  const std::vector<float> numbers = random_numbers<float>(2 * kLanes, 6);
  const Words words_in_order = round_to_pairs(load(numbers.data()), load(numbers.data() + kLanes));
  std::vector<BFloat16> in_order(2 * kLanes), zipped(2 * kLanes), halves(2 * kLanes);
  store_words(in_order.data(), words_in_order);
  store_words(zipped.data(), zip_halves(words_in_order));
  store_half<1>(halves.data(), words_in_order);
  store_half<0>(halves.data() + kLanes, words_in_order);
  for (std::size_t i = 0; i < 2 * kLanes; ++i) {
    const std::size_t half = i / kLanes, lane = i % kLanes;
    const BFloat16 expected = to_bfloat16(numbers[i]);
    REQUIRE(in_order[i].bits == expected.bits);
    REQUIRE(zipped[2 * lane + half].bits == expected.bits);
    REQUIRE(halves[(1 - half) * kLanes + lane].bits == expected.bits);
  }
}
