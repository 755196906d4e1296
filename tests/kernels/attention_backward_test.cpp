#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <random>
#include <type_traits>
#include <vector>

#include "tempo/kernels/attention.h"

using namespace tempo::kernels;

namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// Arrays [rows, heads, width] of normal numbers; queries of several tiles, whose key-value head is the second
// of two.
template <typename Element>
struct Problem {
  Problem(std::int64_t group_in, std::int64_t width_in, std::int64_t queries_in)
      : group(group_in), width(width_in), queries(queries_in) {
    for (auto* values : {&query, &grad_output}) fill(*values, queries * 2 * group * width);
    for (auto* values : {&key, &value}) fill(*values, kSlots * 2 * width);
    output.resize(query.size());
    logsumexp.resize(index(queries * 2 * group));
  }

  AttentionInputs<Element> inputs() const {
    return {{2 * group, 2, width, 0.125F},
            {query.data(), 2 * group * width},
            {key.data(), 2 * width},
            {value.data(), 2 * width}};
  }
  void add_tile(std::int64_t count, std::int64_t first_visible, std::span<const KeyRange> ranges) {
    const std::int64_t begin = tiles.empty() ? 0 : tiles.back().query_end;
    tiles.push_back({begin, begin + count, first_visible, 1, ranges});
  }
  void fill(std::vector<Element>& values, std::int64_t count) {
    std::normal_distribution<float> normal;
    values.resize(index(count));
    for (Element& number : values) assign(number, normal(random));
  }

  static constexpr std::int64_t kSlots = 400;
  std::int64_t group, width, queries;
  std::mt19937 random{11};
  std::vector<Element> query, grad_output, key, value, output;
  std::vector<float> logsumexp;
  std::vector<AttentionTile> tiles;
};

// Gradients, or bounds of their errors.
struct Gradients {
  std::vector<double> query, key, value;
};

template <typename Element>
Gradients run(Problem<Element>& problem, std::int64_t shared_keys) {
  const std::int64_t row = 2 * problem.group * problem.width;
  AttentionScratch scratch;
  scratch.memory.assign(1 << 18, std::nanf(""));  // what earlier tiles left there must not matter
  for (const AttentionTile& tile : problem.tiles) {
    attention_forward<Element>(problem.inputs(), tile, {problem.output.data(), row}, problem.logsumexp.data(),
                               scratch);
  }
  std::vector<Element> grad_query(problem.query.size());
  std::vector<float> grad_key(problem.key.size()), grad_value(problem.key.size());
  attention_backward<Element>(problem.inputs(), problem.tiles, shared_keys,
                              {{problem.output.data(), row},
                               {problem.grad_output.data(), row},
                               problem.logsumexp.data(),
                               {grad_query.data(), row},
                               {grad_key.data(), 2 * problem.width},
                               {grad_value.data(), 2 * problem.width}},
                              scratch);
  Gradients out{{}, {grad_key.begin(), grad_key.end()}, {grad_value.begin(), grad_value.end()}};
  for (const Element& number : grad_query) out.query.push_back(static_cast<double>(to_float(number)));
  return out;
}

std::vector<std::int64_t> slots_of(const AttentionTile& tile, std::int64_t count) {
  std::vector<std::int64_t> slots;
  for (const KeyRange& range : tile.ranges)
    for (std::int64_t slot = range.begin; slot < range.end && std::ssize(slots) < count; ++slot)
      slots.push_back(slot);
  return slots;
}

template <typename Element>
double dot(const Element* a, const Element* b, std::int64_t width, bool absolute = false) {
  double sum = 0.0;
  for (std::int64_t e = 0; e < width; ++e) {
    const double product = static_cast<double>(to_float(a[e])) * static_cast<double>(to_float(b[e]));
    sum += absolute ? std::abs(product) : product;
  }
  return sum;
}

// Adds the gradients of one row by the definition, and for each number the sum of the sizes of its terms,
// where a term of a score's gradient P (dP - D) counts as |P (dP - D)| + P sum |dO O|.
template <typename Element>
void add_row(const Problem<Element>& problem, std::int64_t row, const std::vector<std::int64_t>& slots,
             Gradients& sum, Gradients& size) {
  const std::int64_t width = problem.width;
  const Element* const query = problem.query.data() + row * width;
  const Element* const grad_output = problem.grad_output.data() + row * width;
  const auto at = [&](std::int64_t slot) { return (2 * slot + 1) * width; };
  std::vector<double> weight;
  double all = 0.0, delta = 0.0, delta_size = 0.0;
  for (const std::int64_t slot : slots)
    all += weight.emplace_back(std::exp(0.125 * dot(query, problem.key.data() + at(slot), width)));
  for (std::size_t j = 0; j < slots.size(); ++j) {
    weight[j] /= all;
    delta += weight[j] * dot(grad_output, problem.value.data() + at(slots[j]), width);
    delta_size += weight[j] * dot(grad_output, problem.value.data() + at(slots[j]), width, true);
  }
  for (std::size_t j = 0; j < slots.size(); ++j) {
    const double grad_weight = dot(grad_output, problem.value.data() + at(slots[j]), width);
    const double grad = 0.125 * weight[j] * (grad_weight - delta);
    const double grad_size = std::abs(grad) + 0.125 * weight[j] * delta_size;
    for (std::int64_t e = 0; e < width; ++e) {
      const auto to = index(at(slots[j]) + e), from = index(row * width + e);
      const double k = static_cast<double>(to_float(problem.key[to])), q = to_float(query[e]),
                   g = to_float(grad_output[e]);
      sum.query[from] += grad * k, size.query[from] += grad_size * std::abs(k);
      sum.key[to] += grad * q, size.key[to] += grad_size * std::abs(q);
      sum.value[to] += weight[j] * g, size.value[to] += weight[j] * std::abs(g);
    }
  }
}

void check_within(const std::vector<double>& got, const std::vector<double>& exact,
                  const std::vector<double>& size, double unit) {
  REQUIRE(got.size() == exact.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i, got[i], exact[i]);
    REQUIRE(std::abs(got[i] - exact[i]) <= unit * size[i]);
  }
}

// Each term of a sum is rounded to bfloat16 once, by up to 2^-8 of its size, D by the rounding of O, and dQ
// once more; the sums are of float32, with less than 400 roundings of 2^-24.
template <typename Element>
void check_gradients(Problem<Element>& problem, std::int64_t shared_keys) {
  const double unit = 400 * 0x1.0p-24 + (std::is_same_v<Element, float> ? 0.0 : 2 * 0x1.0p-8);
  const Gradients got = run(problem, shared_keys);
  const std::vector<double> of_query(problem.query.size()), of_key(problem.key.size());
  Gradients exact{of_query, of_key, of_key}, size = exact;
  for (const AttentionTile& tile : problem.tiles) {
    for (std::int64_t t = tile.query_begin; t < tile.query_end; ++t) {
      const auto slots = slots_of(tile, tile.first_visible + t - tile.query_begin);
      for (std::int64_t h = 0; h < problem.group; ++h)
        add_row(problem, (2 * t + 1) * problem.group + h, slots, exact, size);
    }
  }
  check_within(got.query, exact.query, size.query, unit);
  check_within(got.key, exact.key, size.key, unit);
  check_within(got.value, exact.value, size.value, unit);
}

}  // namespace

TEMPLATE_TEST_CASE("attention_backward: equals the definition in double precision", "[kernels]", float,
                   BFloat16) {
  const auto width = GENERATE(7, 16, 64, 80);
  const auto group = GENERATE(1, 3, 4);
  const auto queries = GENERATE(1, 5, 69);
  CAPTURE(width, group, queries);
  const std::vector<KeyRange> ranges{{300, 361}, {5, 5}, {10, 100}};
  Problem<TestType> problem(group, width, queries);
  problem.add_tile(queries, 151 - queries, ranges);
  check_gradients(problem, 0);
}

TEMPLATE_TEST_CASE("attention_backward: tiles that share keys get the gradients of each", "[kernels]", float,
                   BFloat16) {
  const std::int64_t shared_keys = GENERATE(0, 64, 128);
  CAPTURE(shared_keys);
  const std::vector<KeyRange> first{{20, 170}, {200, 203}}, second{{20, 170}, {210, 290}}, third{{20, 149}};
  Problem<TestType> problem(3, 48, 84);  // odd numbers of rows
  problem.add_tile(3, 151, first);
  problem.add_tile(80, 151, second);
  problem.add_tile(1, 129, third);
  check_gradients(problem, shared_keys);
}

TEST_CASE("attention_backward: leaves the other head's gradients alone and adds to its own", "[kernels]") {
  const std::vector<KeyRange> ranges{{0, 9}};
  Problem<BFloat16> problem(2, 32, 3);
  problem.add_tile(3, 7, ranges);
  const Gradients got = run(problem, 0);
  for (std::int64_t i = 0; i < std::ssize(got.key); ++i) {
    const bool own = i / 32 % 2 == 1 && i < 9 * 64;
    REQUIRE((got.key[index(i)] != 0.0) == own);
    REQUIRE((got.value[index(i)] != 0.0) == own);
  }
}
