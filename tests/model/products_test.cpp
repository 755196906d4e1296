// Products against the same in double, and what they promise about bits.
#include "tempo/model/products.h"

#include <ATen/Parallel.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model/model_fixtures.h"
#include "tempo/core/error.h"

using namespace tempo::model;
using Catch::Matchers::Message;
using tempo::testing::random_tensor;

namespace {

using Tensors = std::vector<at::Tensor>;

constexpr std::int64_t kRows[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70};
constexpr std::int64_t kDepths[] = {1, 2, 7, 32, 33, 64, 100};
constexpr std::int64_t kColumns[] = {1, 31, 32, 33, 40, 64, 65, 100};
constexpr std::int64_t kTokens[] = {1, 2, 63, 64, 65, 1023, 1024, 1025, 2100};

at::Tensor draw(std::int64_t rows, std::int64_t columns, at::ScalarType dtype, std::uint64_t seed) {
  return random_tensor({rows, columns}, seed).to(dtype);
}

// The largest relative error of a rounding.
double unit(at::ScalarType dtype) {
  return dtype == at::kDouble ? 0x1p-53 : dtype == at::kFloat ? 0x1p-24 : 0x1p-8;
}

// A sum of products as it should be, and the sum of the sizes of its terms, both double.
struct Exact {
  at::Tensor value, size;
  std::int64_t depth = 0;

  Exact& add(const at::Tensor& a_MK, const at::Tensor& b_KN) {
    const at::Tensor a = a_MK.to(at::kDouble), b = b_KN.to(at::kDouble);
    value = value.defined() ? value + a.mm(b) : a.mm(b);
    size = size.defined() ? size + a.abs().mm(b.abs()) : a.abs().mm(b.abs());
    depth += a.size(1);
    return *this;
  }
  Exact& add_bias(const at::Tensor& bias_N) {
    value = value + bias_N.to(at::kDouble);
    size = size + bias_N.to(at::kDouble).abs();
    return *this;
  }
};

// Returns the largest error over its bound. Sums are float32 (float64 of float64): a rounding of at most the
// sum of the terms' sizes for each of n terms, of random sign, is within 4 sqrt(n) of them. The result is
// rounded to its dtype `roundings` times.
double error_ratio(const at::Tensor& got, const Exact& exact, int roundings = 1) {
  if (got.numel() == 0) return 0;
  const double sum_unit = got.scalar_type() == at::kDouble ? 0x1p-53 : 0x1p-24;
  const double sums = 4 * std::sqrt(static_cast<double>(exact.depth) + 1) * sum_unit;
  const at::Tensor bound = sums * exact.size + roundings * unit(got.scalar_type()) * exact.value.abs();
  return ((got.to(at::kDouble) - exact.value).abs() / (bound + 1e-300)).max().item<double>();
}

// Whether every error is within a few roundings of the sum of the terms' sizes: where terms are rounded one
// by one.
bool is_near(const at::Tensor& got, const Exact& exact, double rounding) {
  const at::Tensor bound = 4 * rounding * exact.size + 1e-300;
  return ((got.to(at::kDouble) - exact.value).abs() <= bound).all().item<bool>();
}

at::Tensor product(const at::Tensor& a_MK, const PackedMatrix& b) {
  return multiply_each(a_MK, std::span(&b, 1)).front();
}

// Whether products of this dtype run in blocks here: what is said about bits holds for those alone.
bool has_blocks(at::ScalarType dtype) {
  return PackedMatrix::of_matrix(at::ones({2, 2}, dtype)).panel_width() > 0;
}

// Calls run() with one and with two threads, and returns whether all results have the same bits.
template <typename Run>
bool same_with_two_threads(const Run& run) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Tensors one = run();
  at::set_num_threads(2);
  const Tensors two = run();
  at::set_num_threads(threads);
  bool same = one.size() == two.size();
  for (std::size_t i = 0; same && i < one.size(); ++i) same = at::equal(one[i], two[i]);
  return same;
}

}  // namespace

TEST_CASE("multiply_each: equals the product in double", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  for (const std::int64_t depth : kDepths) {
    for (const std::int64_t columns : kColumns) {
      const at::Tensor b = draw(depth, columns, dtype, 2);
      const PackedMatrix of_matrix = PackedMatrix::of_matrix(b);
      const PackedMatrix of_weight = PackedMatrix::of_weight(b.t().contiguous());
      REQUIRE((of_matrix.depth() == depth && of_matrix.columns() == columns));
      REQUIRE((of_weight.depth() == depth && of_weight.columns() == columns));
      for (const std::int64_t rows : kRows) {
        CAPTURE(dtype, rows, depth, columns);
        const at::Tensor a = draw(rows, depth, dtype, 1);
        const Exact exact = Exact().add(a, b);
        const PackedMatrix both[] = {of_matrix, of_weight};
        for (const at::Tensor& got : multiply_each(a, both)) {
          REQUIRE(got.scalar_type() == dtype);
          REQUIRE(error_ratio(got, exact) <= 1);
        }
      }
    }
  }
}

TEST_CASE("multiply_each: deep and wide products are cut into blocks", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  for (const std::int64_t depth : {2046, 2047, 2048, 2050, 4500}) {
    for (const std::int64_t rows : {3, 70}) {
      CAPTURE(dtype, rows, depth);
      const at::Tensor a = draw(rows, depth, dtype, 1), b = draw(depth, 40, dtype, 2);
      CHECK(error_ratio(product(a, PackedMatrix::of_matrix(b)), Exact().add(a, b)) <= 1);
      CHECK(error_ratio(product(a, PackedMatrix::of_weight(b.t().contiguous())), Exact().add(a, b)) <= 1);
    }
  }
  for (const std::int64_t columns : {1023, 1024, 1025, 1100}) {
    CAPTURE(dtype, columns);
    const at::Tensor a = draw(600, 24, dtype, 1), b = draw(24, columns, dtype, 2);
    CHECK(error_ratio(product(a, PackedMatrix::of_matrix(b)), Exact().add(a, b)) <= 1);
    CHECK(error_ratio(product(a, PackedMatrix::of_weight(b.t().contiguous())), Exact().add(a, b)) <= 1);
  }
}

TEST_CASE("multiply_each: adds the bias of each operand that has one", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const std::int64_t depth = GENERATE(24, 25);
  CAPTURE(dtype, depth);
  const at::Tensor a = draw(70, depth, dtype, 1);
  Tensors b;
  std::vector<PackedMatrix> packed;
  for (const std::int64_t columns : {33, 64, 1100}) {
    b.push_back(draw(depth, columns, dtype, 2));
    packed.push_back(PackedMatrix::of_matrix(b.back()));
  }
  const Tensors bias{random_tensor({33}, 3).to(dtype), {}, random_tensor({1100}, 4).to(dtype)};
  const Tensors got = multiply_each(a, packed, bias);
  REQUIRE(got.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    Exact exact = Exact().add(a, b[i]);
    if (bias[i].defined()) exact.add_bias(bias[i]);
    // Without blocks the bias may be added to a rounded product.
    CHECK(error_ratio(got[i], exact, packed[i].panel_width() > 0 ? 1 : 2) <= 1);
  }
}

TEST_CASE("products: rows that stand apart, repeat or are columns give the same bits", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const at::Tensor wide = draw(70, 131, dtype, 1), b = draw(64, 40, dtype, 2);
  const PackedMatrix packed = PackedMatrix::of_matrix(b);
  const Tensors views{wide.narrow(1, 3, 64),                       // rows 131 apart
                      wide.narrow(0, 1, 64).narrow(1, 5, 70).t(),  // columns 131 apart
                      wide.narrow(0, 0, 64).narrow(1, 0, 1).t(),   // one row, whose numbers stand apart
                      wide.narrow(1, 0, 64).narrow(0, 7, 1).expand({70, 64}),
                      wide.narrow(1, 0, 64).slice(0, 0, 70, 3)};
  for (std::size_t i = 0; i < views.size(); ++i) {
    CAPTURE(dtype, i);
    const at::Tensor dense = views[i].clone(at::MemoryFormat::Contiguous);
    const at::Tensor out = at::empty({dense.size(0), 40}, b.options());
    multiply_out(views[i], packed, out);
    if (has_blocks(dtype)) CHECK(at::equal(product(views[i], packed), product(dense, packed)));
    CHECK(at::equal(out, product(views[i], packed)));
    CHECK(error_ratio(out, Exact().add(dense, b)) <= 1);
  }
}

TEST_CASE("PackedMatrix: a view packs as its copy does", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor a = draw(5, 64, dtype, 1), wide = draw(70, 130, dtype, 2);
  const Tensors views{wide.narrow(1, 2, 64),                        // rows 130 apart
                      wide.narrow(0, 0, 64).t().narrow(0, 5, 70)};  // columns 130 apart
  for (std::size_t i = 0; i < views.size(); ++i) {
    CAPTURE(dtype, i);
    const at::Tensor dense = views[i].clone(at::MemoryFormat::Contiguous);
    const at::Tensor expected = product(a, PackedMatrix::of_weight(dense));
    for (const PackedMatrix& packed :
         {PackedMatrix::of_weight(views[i]), PackedMatrix::of_matrix(views[i].t())}) {
      const at::Tensor got = product(a, packed);
      if (has_blocks(dtype)) CHECK(at::equal(got, expected));
      CHECK(error_ratio(got, Exact().add(a, dense.t())) <= 1);
    }
  }
}

TEST_CASE("multiply_each: a row's bits do not depend on the other rows", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const std::int64_t depth = GENERATE(2, 48, 2050), columns = GENERATE(1, 40, 1030);
  constexpr std::int64_t kAll = 530;
  const at::Tensor a = draw(kAll, depth, dtype, 1), b = draw(depth, columns, dtype, 2);
  const PackedMatrix packed = PackedMatrix::of_matrix(b);
  const at::Tensor bias = random_tensor({columns}, 3).to(dtype);
  const auto with_bias = [&](const at::Tensor& rows) {
    return multiply_each(rows, std::span(&packed, 1), std::span(&bias, 1)).front();
  };
  const at::Tensor all = with_bias(a);
  for (const std::int64_t count : {1, 2, 7, 15, 16, 17, 31, 33, 63, 64, 65, 511, 513}) {
    for (const std::int64_t begin : {std::int64_t{0}, std::int64_t{5}, kAll - count}) {
      CAPTURE(dtype, depth, columns, count, begin);
      const std::int64_t rows = std::min(count, kAll - begin);
      const at::Tensor a_part = a.narrow(0, begin, rows), got = with_bias(a_part);
      if (packed.panel_width() > 0) CHECK(at::equal(got, all.narrow(0, begin, rows)));
      CHECK(error_ratio(got, Exact().add(a_part, b).add_bias(bias), 2) <= 1);
    }
  }
}

TEST_CASE("products: the same bits with one and two threads", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor a = draw(1100, 96, dtype, 1), b = draw(96, 1200, dtype, 2), c = draw(1100, 200, dtype, 3);
  CHECK(same_with_two_threads([&] {
    const PackedMatrix packed[] = {PackedMatrix::of_matrix(b), PackedMatrix::of_weight(b.t().contiguous())};
    const Tensors each = multiply_each(a, packed), twice{a, a};
    const at::Tensor sum = multiply_sum(twice, packed), wide = at::ones({96, 200});
    add_transposed_product(a, c, wide);
    return Tensors{each[0], each[1], sum, wide, transposed_products(twice, c)[1]};
  }));
}

TEST_CASE("multiply_sum: adds the products and rounds once", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  for (const std::int64_t depth : {2, 64, 2050}) {
    for (const std::int64_t columns : {1, 40, 1030}) {
      CAPTURE(dtype, depth, columns);
      const at::Tensor b = draw(depth, columns, dtype, 2), c = draw(6, columns, dtype, 3);
      const at::Tensor a = draw(70, depth, dtype, 1), small = draw(70, 6, dtype, 4);
      // The large products cancel: what is left would drown in their roundings.
      const PackedMatrix packed[] = {PackedMatrix::of_matrix(b), PackedMatrix::of_matrix(c),
                                     PackedMatrix::of_matrix(b)};
      const Tensors left{a, small, -a};
      const at::Tensor got = multiply_sum(left, packed);
      CHECK(got.scalar_type() == dtype);
      const Exact exact = Exact().add(a, b).add(small, c).add(-a, b);
      if (packed[0].panel_width() > 0 || dtype == at::kDouble) CHECK(error_ratio(got, exact) <= 1);
      CHECK(is_near(got, exact, unit(dtype)));
    }
  }
}

TEST_CASE("multiply_sum: terms may differ in depth; one term is the product", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const Tensors left{draw(33, 64, dtype, 1), draw(33, 2, dtype, 2)};
  const Tensors right{draw(64, 40, dtype, 3), draw(2, 40, dtype, 4)};
  const PackedMatrix packed[] = {PackedMatrix::of_matrix(right[0]), PackedMatrix::of_matrix(right[1])};
  const Exact exact = Exact().add(left[0], right[0]).add(left[1], right[1]);
  const at::Tensor got = multiply_sum(left, packed);
  if (has_blocks(dtype)) CHECK(error_ratio(got, exact) <= 1);
  CHECK(is_near(got, exact, unit(dtype)));
  CHECK(at::equal(multiply_sum(std::span(left).first(1), std::span(packed).first(1)),
                  product(left[0], packed[0])));
}

TEST_CASE("multiply_out: float32 sums of bfloat16 are not rounded to it", "[model]") {
  for (const std::int64_t depth : {2, 33, 64, 2050}) {
    for (const std::int64_t columns : {1, 40, 1030}) {
      CAPTURE(depth, columns);
      const at::Tensor a = draw(70, depth, at::kBFloat16, 1), b = draw(depth, columns, at::kBFloat16, 2);
      const PackedMatrix packed = PackedMatrix::of_matrix(b);
      const at::Tensor wide = at::full({70, columns}, -99.0F);
      multiply_out(a, packed, wide);
      const Exact exact = Exact().add(a, b);
      if (packed.panel_width() > 0) CHECK(error_ratio(wide, exact) <= 1);
      const at::Tensor narrow = at::full({70, columns}, -99.0F, at::kBFloat16);
      multiply_out(a, packed, narrow);
      CHECK(error_ratio(narrow, exact) <= 1);
      if (packed.panel_width() > 0) CHECK(at::equal(wide.to(at::kBFloat16), narrow));
    }
  }
}

TEST_CASE("transposed_products: equal the products in double", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  for (const std::int64_t tokens : kTokens) {
    const Tensors left{draw(tokens, 1, dtype, 1), draw(tokens, 33, dtype, 2), draw(tokens, 64, dtype, 3),
                       draw(tokens, 1030, dtype, 4)};
    for (const std::int64_t columns : {1, 63, 64, 100}) {
      const at::Tensor b = draw(tokens, columns, dtype, 5);
      const Tensors got = transposed_products(left, b);
      REQUIRE(got.size() == left.size());
      for (std::size_t i = 0; i < left.size(); ++i) {
        CAPTURE(dtype, tokens, columns, i);
        CHECK(got[i].scalar_type() == dtype);
        CHECK(error_ratio(got[i], Exact().add(left[i].t(), b)) <= 1);
      }
    }
  }
}

TEST_CASE("transposed_products: views give the bits of their copies", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const at::Tensor wide = draw(130, 131, dtype, 1);
  const Tensors views{wide.narrow(1, 3, 64), wide.narrow(1, 0, 130).t(),
                      wide.narrow(0, 7, 1).narrow(1, 1, 40).expand({130, 40})};
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (std::size_t j = 0; j < views.size(); ++j) {
      CAPTURE(dtype, i, j);
      const at::Tensor left = views[i].clone(at::MemoryFormat::Contiguous);
      const at::Tensor right = views[j].clone(at::MemoryFormat::Contiguous);
      const at::Tensor got = transposed_products(std::span(&views[i], 1), views[j]).front();
      if (has_blocks(dtype)) CHECK(at::equal(got, transposed_products(std::span(&left, 1), right).front()));
      CHECK(error_ratio(got, Exact().add(left.t(), right)) <= 1);
    }
  }
}

TEST_CASE("add_transposed_product: adds to what is there, in float32 for bfloat16", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  for (const std::int64_t tokens : kTokens) {
    CAPTURE(dtype, tokens);
    const at::Tensor a = draw(tokens, 70, dtype, 1), b = draw(tokens, 100, dtype, 2);
    const at::Tensor start = draw(70, 100, dtype == at::kDouble ? at::kDouble : at::kFloat, 3);
    const at::Tensor out = start.clone();
    add_transposed_product(a, b, out);
    Exact exact = Exact().add(a.t(), b);
    exact.value = exact.value + start;
    exact.size = exact.size + start.abs();
    // Without blocks the product is rounded to bfloat16 before it is added.
    if (has_blocks(dtype) || dtype != at::kBFloat16) CHECK(error_ratio(out, exact) <= 1);
    CHECK(is_near(out, exact, unit(dtype)));
    const at::Tensor narrow = start.to(dtype);
    add_transposed_product(a, b, narrow);
    CHECK(is_near(narrow, exact, unit(dtype)));
  }
}

TEST_CASE("products: no rows, no tokens", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16, at::kDouble);
  const PackedMatrix packed = PackedMatrix::of_matrix(draw(8, 5, dtype, 1));
  const Tensors none{at::empty({0, 8}, dtype)};
  CHECK(product(none[0], packed).sizes() == at::IntArrayRef{0, 5});
  CHECK(multiply_sum(none, std::span(&packed, 1)).sizes() == at::IntArrayRef{0, 5});
  const at::Tensor zero = transposed_products(none, at::empty({0, 3}, dtype)).front();
  CHECK(at::equal(zero, at::zeros({8, 3}, dtype)));
  const at::Tensor out = at::ones({8, 3});
  add_transposed_product(none[0], at::empty({0, 3}, dtype), out);
  CHECK(at::equal(out, at::ones({8, 3})));
}

TEST_CASE("products: rows of another depth are named", "[model]") {
  for (const std::int64_t depth : {6, 7}) {
    const PackedMatrix packed = PackedMatrix::of_matrix(at::ones({depth, 4}, at::kBFloat16));
    const Tensors left{at::ones({2, 5}, at::kBFloat16)};
    const std::string text = "multiply: expected rows of " + std::to_string(depth) + " numbers, got [2, 5]";
    CHECK_THROWS_MATCHES(product(left[0], packed), tempo::Error, Message(text));
    CHECK_THROWS_MATCHES(multiply_sum(left, std::span(&packed, 1)), tempo::Error, Message(text));
    CHECK_THROWS_MATCHES(multiply_out(left[0], packed, at::ones({2, 4})), tempo::Error, Message(text));
  }
}

TEST_CASE("multiply_sum: packed and plain operands add up", "[model]") {
  for (const auto& depths : {std::vector<std::int64_t>{8, 7}, std::vector<std::int64_t>{7, 8}}) {
    Tensors a, b;
    std::vector<PackedMatrix> packed;
    for (const std::int64_t depth : depths) {
      a.push_back(draw(5, depth, at::kBFloat16, 1));
      b.push_back(draw(depth, 6, at::kBFloat16, 2));
      packed.push_back(PackedMatrix::of_matrix(b.back()));
    }
    CHECK(is_near(multiply_sum(a, packed), Exact().add(a[0], b[0]).add(a[1], b[1]), unit(at::kBFloat16)));
  }
}

TEST_CASE("products: operands that are not dense", "[model]") {
  const at::Tensor wide = draw(70, 131, at::kBFloat16, 3), weight = wide.narrow(1, 0, 64);
  const at::Tensor x = draw(4, 64, at::kBFloat16, 4), bias = draw(70, 2, at::kBFloat16, 5).select(1, 0);
  const auto of = [&](const at::Tensor& w, const at::Tensor& with) {
    const PackedMatrix packed = PackedMatrix::of_weight(w);
    return multiply_each(x, {&packed, 1}, {&with, 1}).front();
  };
  CHECK(at::equal(of(weight, bias), of(weight.contiguous(), bias.contiguous())));
}

TEST_CASE("products: rows of another dtype are named", "[model]") {
  const PackedMatrix packed = PackedMatrix::of_matrix(at::ones({8, 4}, at::kBFloat16));
  CHECK_THROWS_MATCHES(product(at::ones({2, 8}), packed), tempo::Error,
                       Message("multiply: expected rows of BFloat16, got Float"));
}
