#include "tempo/kernels/softmax.h"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "buffer.h"

using namespace tempo::kernels;
using tempo::test::Buffer;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Around the ends of units, warps, blocks and steps of a row; two vocabularies of models.
constexpr std::int64_t kVocabularies[] = {1,   2,    3,    4,    5,    31,   33,   127,  128,
                                          129, 2047, 2048, 2049, 8191, 8192, 8193, 8196, 49152};

template <typename Logit>
Logit rounded(float value) {
  Logit logit;
  assign(logit, value);
  return logit;
}

// Rows of logits that begin `shift` numbers into their memory and stand `gap` apart; row c has c % 4 targets.
template <typename Logit>
struct Chunk {
  Chunk(std::int64_t rows_, std::int64_t vocab_, std::int64_t shift_ = 0, std::int64_t gap = 0)
      : rows(rows_), vocab(vocab_), shift(shift_), stride(vocab_ + gap) {
    std::mt19937 engine(static_cast<unsigned>(vocab * 7 + rows));
    std::normal_distribution<float> normal(0.0F, 3.0F);
    logits.resize(static_cast<std::size_t>(shift + rows * stride));
    for (Logit& logit : logits) assign(logit, normal(engine));
    std::uniform_int_distribution<std::int64_t> any(0, vocab - 1);
    for (std::int64_t c = 0; c < rows; ++c) {
      for (std::int64_t k = 0; k < (rows == 1 ? 3 : c % 4); ++k) {
        token.push_back(k == 2 ? token.back() : any(engine));  // the third target equals the second
        d_logp.push_back(normal(engine));
        d_entropy.push_back(normal(engine));
      }
      first.push_back(first.front() + std::ssize(token));
    }
  }

  Logit& at(std::int64_t row, std::int64_t v) {
    return logits[static_cast<std::size_t>(shift + row * stride + v)];
  }
  LogitRows<Logit> rows_of(const Logit* data, const std::int64_t* first_, const std::int64_t* token_) const {
    return {.rows = rows,
            .vocab = vocab,
            .logits = data + shift,
            .stride = stride,
            .inverse_temperature = inverse_temperature,
            .first = first_,
            .token = token_};
  }

  std::int64_t rows, vocab, shift, stride;
  float inverse_temperature = 1;
  std::vector<Logit> logits;
  std::vector<std::int64_t> first{1000}, token;
  std::vector<float> d_logp, d_entropy;
};

struct Result {
  std::vector<RowSoftmax> softmax;
  std::vector<float> logp, entropy;
};

template <typename Logit>
Result forward_on_cpu(const Chunk<Logit>& chunk) {
  Result result{std::vector<RowSoftmax>(static_cast<std::size_t>(chunk.rows)),
                std::vector<float>(chunk.token.size()), std::vector<float>(chunk.token.size())};
  cpu::softmax_forward(chunk.rows_of(chunk.logits.data(), chunk.first.data(), chunk.token.data()),
                       {result.softmax.data(), result.logp.data(), result.entropy.data()}, 0, chunk.rows);
  return result;
}

template <typename Logit>
Result forward_on_device(const Chunk<Logit>& chunk) {
  Buffer logits(chunk.logits);
  Buffer first(chunk.first), token(chunk.token);
  Buffer<RowSoftmax> softmax(static_cast<std::size_t>(chunk.rows));
  Buffer<float> logp(chunk.token.size()), entropy(chunk.token.size());
  TEMPO_BACKEND::softmax_forward(chunk.rows_of(logits.data(), first.data(), token.data()),
                                 {softmax.data(), logp.data(), entropy.data()}, nullptr);
  return {softmax.values(), logp.values(), entropy.values()};
}

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

bool same_bits(const Result& a, const Result& b) {
  std::vector<double> of_a, of_b;
  for (const RowSoftmax& x : a.softmax) of_a.insert(of_a.end(), {x.max, x.log_normaliser, x.entropy});
  for (const RowSoftmax& x : b.softmax) of_b.insert(of_b.end(), {x.max, x.log_normaliser, x.entropy});
  return same_bits(of_a, of_b) && same_bits(a.logp, b.logp) && same_bits(a.entropy, b.entropy);
}

// Returns the largest difference, NaN where the two are not alike in being finite.
double difference(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  return a == b ? 0 : std::abs(a - b);
}
template <typename T>
double difference(const std::vector<T>& a, const std::vector<T>& b) {
  double largest = a.size() == b.size() ? 0 : kInfinity;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double here = difference(static_cast<double>(to_float(a[i])), static_cast<double>(to_float(b[i])));
    if (!(here <= largest)) largest = here;
  }
  return largest;
}

// As tests/kernels/logprob_test.cpp derives for each side.
constexpr double kLogpTolerance = 1e-5, kEntropyTolerance = 2e-5;

void check_close(const Result& got, const Result& expected) {
  for (std::size_t c = 0; c < expected.softmax.size(); ++c) {
    const RowSoftmax &a = got.softmax[c], &b = expected.softmax[c];
    CAPTURE(c);
    CHECK(a.max == b.max);
    CHECK(difference(a.log_normaliser, b.log_normaliser) <= kLogpTolerance);
    CHECK(difference(a.entropy, b.entropy) <= kEntropyTolerance);
  }
  CHECK(difference(got.logp, expected.logp) <= kLogpTolerance);
  CHECK(difference(got.entropy, expected.entropy) <= kEntropyTolerance);
}

// Which of the loss's gradients there are, and whether that by the logits takes their place.
struct Options {
  bool d_logp = true, d_entropy = true, in_place = false;
};

// The gradient of `softmax`'s rows, [rows * vocab] as float32.
template <typename Gradient, typename Logit>
std::vector<Gradient> backward_on_cpu(const Chunk<Logit>& chunk, const Result& result,
                                      const Options& options) {
  std::vector<Gradient> gradient(static_cast<std::size_t>(chunk.rows * chunk.vocab));
  cpu::softmax_backward(
      chunk.rows_of(chunk.logits.data(), chunk.first.data(), chunk.token.data()),
      SoftmaxGradient<Gradient>{result.softmax.data(), options.d_logp ? chunk.d_logp.data() : nullptr,
                                options.d_entropy ? chunk.d_entropy.data() : nullptr, gradient.data(),
                                chunk.vocab},
      0, chunk.rows);
  return gradient;
}

template <typename Gradient, typename Logit>
std::vector<Gradient> backward_on_device(const Chunk<Logit>& chunk, const Result& result,
                                         const Options& options) {
  Buffer logits(chunk.logits);
  Buffer first(chunk.first), token(chunk.token);
  Buffer d_logp(chunk.d_logp), d_entropy(chunk.d_entropy);
  Buffer softmax(result.softmax);
  constexpr auto kRatio = static_cast<std::int64_t>(sizeof(Logit) / sizeof(Gradient));
  const std::int64_t stride = chunk.stride * (options.in_place ? kRatio : 1),
                     shift = chunk.shift * (options.in_place ? kRatio : 1);
  Buffer<Gradient> apart(static_cast<std::size_t>(shift + chunk.rows * stride));
  Gradient* const to = (options.in_place ? reinterpret_cast<Gradient*>(logits.data()) : apart.data()) + shift;
  TEMPO_BACKEND::softmax_backward(
      chunk.rows_of(logits.data(), first.data(), token.data()),
      SoftmaxGradient<Gradient>{softmax.data(), options.d_logp ? d_logp.data() : nullptr,
                                options.d_entropy ? d_entropy.data() : nullptr, to, stride},
      nullptr);
  const std::vector<Logit> in_place = logits.values();
  const std::vector<Gradient> elsewhere = apart.values();
  const auto* const all =
      options.in_place ? reinterpret_cast<const Gradient*>(in_place.data()) : elsewhere.data();
  std::vector<Gradient> gradient;
  for (std::int64_t c = 0; c < chunk.rows; ++c)
    gradient.insert(gradient.end(), all + shift + c * stride, all + shift + c * stride + chunk.vocab);
  return gradient;
}

// Factors add up to 3 x 3 x (1 + 12), p is good to 2e-5 of it and log p + H to as much: below 1e-3
// altogether, and bfloat16 keeps 2^-8 of at most 30.
template <typename Gradient>
constexpr double kGradientTolerance = std::is_same_v<Gradient, float> ? 1e-3 : 0x1p-8 * 30;

template <typename Gradient, typename Logit>
void check_backward(const Chunk<Logit>& chunk, const Options& options) {
  CAPTURE(options.d_logp, options.d_entropy, options.in_place);
  const Result result = forward_on_cpu(chunk);
  const auto expected = backward_on_cpu<Gradient>(chunk, result, options);
  std::vector<Gradient> first;
  tempo::test::in_any_order([&] {
    const auto got = backward_on_device<Gradient>(chunk, result, options);
    CHECK(difference(got, expected) <= kGradientTolerance<Gradient>);
    if (first.empty()) first = got;
    CHECK(same_bits(got, first));
  });
}

constexpr Options kAllOptions[] = {{}, {.d_entropy = false}, {.d_logp = false}, {.in_place = true}};

}  // namespace

TEMPLATE_TEST_CASE("softmax_forward: a device computes what the CPU does", TEMPO_TAGS, float, BFloat16) {
  for (const std::int64_t vocab : kVocabularies) {
    CAPTURE(vocab);
    Chunk<TestType> chunk(vocab < 49152 ? 4 : 1, vocab);
    for (const float inverse_temperature : {1.0F, 1 / 0.7F}) {
      chunk.inverse_temperature = inverse_temperature;
      const Result expected = forward_on_cpu(chunk);
      std::vector<Result> results;
      tempo::test::in_any_order([&] { results.push_back(forward_on_device(chunk)); });
      check_close(results.front(), expected);
      for (const Result& result : results) CHECK(same_bits(result, results.front()));
    }
  }
}

TEMPLATE_TEST_CASE("softmax_backward: a device computes what the CPU does", TEMPO_TAGS, float, BFloat16) {
  for (const std::int64_t vocab : kVocabularies) {
    CAPTURE(vocab);
    Chunk<TestType> chunk(vocab < 49152 ? 4 : 1, vocab);
    for (const Options& options : kAllOptions) check_backward<TestType>(chunk, options);
    chunk.inverse_temperature = 1 / 0.7F;
    check_backward<TestType>(chunk, {});
  }
}

TEST_CASE("softmax_backward: bfloat16 gradients may be written over float32 logits", TEMPO_TAGS) {
  for (const std::int64_t vocab : kVocabularies) {
    CAPTURE(vocab);
    const Chunk<float> chunk(vocab < 49152 ? 3 : 1, vocab, 0, 3);
    check_backward<BFloat16>(chunk, {.in_place = true});
    check_backward<BFloat16>(chunk, {});
  }
}

TEMPLATE_TEST_CASE("softmax: neither place nor stride of a row changes a bit", TEMPO_TAGS, float, BFloat16) {
  for (const std::int64_t vocab : {3, 33, 4096, 8201}) {
    const Chunk<TestType> aligned(1, vocab);
    const Result expected = forward_on_device(aligned), on_cpu = forward_on_cpu(aligned);
    const auto gradient = backward_on_device<TestType>(aligned, on_cpu, {});
    for (const std::int64_t shift : {1, 2, 3, 5}) {
      CAPTURE(vocab, shift);
      Chunk<TestType> moved(3, vocab, shift, shift + 1);
      moved.token.clear(), moved.d_logp.clear(), moved.d_entropy.clear();
      moved.first = {7, 7, 10, 10};
      for (std::int64_t v = 0; v < vocab; ++v) moved.at(1, v) = aligned.logits[static_cast<std::size_t>(v)];
      moved.token = aligned.token, moved.d_logp = aligned.d_logp, moved.d_entropy = aligned.d_entropy;
      Result got = forward_on_device(moved);
      got.softmax = {got.softmax[1]};
      CHECK(same_bits(got, expected));
      for (const bool in_place : {false, true}) {
        const auto all = backward_on_device<TestType>(moved, {std::vector(3, on_cpu.softmax[0]), {}, {}},
                                                      {.in_place = in_place});
        CHECK(same_bits(std::vector(all.begin() + vocab, all.begin() + 2 * vocab), gradient));
      }
    }
  }
}

TEST_CASE("softmax_forward: float32 and bfloat16 logits of one value have the same bits", TEMPO_TAGS) {
  const Chunk<BFloat16> narrow(2, 9001);
  Chunk<float> wide(2, 9001);
  for (std::size_t i = 0; i < wide.logits.size(); ++i) wide.logits[i] = to_float(narrow.logits[i]);
  CHECK(same_bits(forward_on_device(wide), forward_on_device(narrow)));
}

TEST_CASE("softmax: logits that rise from step to step, or by far", TEMPO_TAGS) {
  for (const float step : {1e-3F, 0.01F, 1.0F, 1e4F}) {
    CAPTURE(step);
    Chunk<float> chunk(1, 20000);
    for (std::int64_t v = 0; v < chunk.vocab; ++v) chunk.at(0, v) = step * static_cast<float>(v) - 50;
    chunk.token = {19999, 19998, 0};
    const Result got = forward_on_device(chunk), expected = forward_on_cpu(chunk);
    CHECK(difference(got.softmax[0].log_normaliser, expected.softmax[0].log_normaliser) <= kLogpTolerance);
    CHECK(difference(got.softmax[0].entropy, expected.softmax[0].entropy) <= kEntropyTolerance);
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(difference(got.logp[k], expected.logp[k]) <=
            0x1p-23 * std::abs(expected.logp[k]) + kLogpTolerance);
    check_backward<float>(chunk, {});
  }
}

TEMPLATE_TEST_CASE("softmax: a logit of -inf has probability 0 and no gradient", TEMPO_TAGS, float,
                   BFloat16) {
  for (const std::int64_t vocab : {3, 33, 9000}) {
    CAPTURE(vocab);
    Chunk<TestType> chunk(1, vocab);
    for (std::int64_t v = 0; v < vocab; ++v)
      if (v % 3 != 1) chunk.at(0, v) = rounded<TestType>(-kInfinity);
    chunk.token = {1, 0, 0};
    const Result got = forward_on_device(chunk);
    check_close(got, forward_on_cpu(chunk));
    CHECK(got.logp[1] == -kInfinity);
    chunk.d_logp[1] = chunk.d_logp[2] = 0;
    const auto gradient = backward_on_device<TestType>(chunk, got, {});
    for (std::int64_t v = 0; v < vocab; ++v)
      if (v % 3 != 1) CHECK(to_float(gradient[static_cast<std::size_t>(v)]) == 0);
    check_backward<TestType>(chunk, {.in_place = true});
  }
}

TEMPLATE_TEST_CASE("softmax: equal logits and many targets in a row", TEMPO_TAGS, float, BFloat16) {
  Chunk<TestType> chunk(3, 700);
  std::fill(chunk.logits.begin(), chunk.logits.end(), rounded<TestType>(2));
  std::mt19937 engine(1);
  std::uniform_int_distribution<std::int64_t> any(0, 699);
  chunk.first = {0, 0, 600, 600};
  chunk.token.clear();
  for (int k = 0; k < 600; ++k) chunk.token.push_back(any(engine));
  chunk.d_logp.assign(600, 0.01F), chunk.d_entropy.assign(600, 0.001F);
  const Result got = forward_on_device(chunk);
  CHECK(difference(got.softmax[1].entropy, std::log(700.0)) <= kEntropyTolerance);
  check_close(got, forward_on_cpu(chunk));
  check_backward<TestType>(chunk, {});
}

TEST_CASE("softmax: rows that are not numbers are told by their maximum", TEMPO_TAGS) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::int64_t vocab : {1, 33, 9000}) {
    for (const float bad : {nan, kInfinity, -kInfinity}) {
      CAPTURE(vocab, bad);
      Chunk<float> chunk(2, vocab);  // the first row stays good
      chunk.token = {0}, chunk.first = {0, 0, 1}, chunk.d_logp = {1}, chunk.d_entropy = {1};
      for (std::int64_t v = bad > 0 || bad != bad ? vocab - 1 : 0; v < vocab; ++v) chunk.at(1, v) = bad;
      const Result got = forward_on_device(chunk), expected = forward_on_cpu(chunk);
      check_close(got, expected);
      CHECK(!std::isfinite(got.softmax[1].max));
      CHECK(std::isnan(got.softmax[1].log_normaliser));
      CHECK(std::isnan(got.logp[0]));
      const auto gradient = backward_on_device<float>(chunk, got, {});
      CHECK(gradient[0] == 0);
      CHECK(std::isnan(gradient[static_cast<std::size_t>(2 * vocab - 1)]));
    }
  }
}

TEST_CASE("softmax: no rows are no work", TEMPO_TAGS) {
  const Chunk<float> chunk(0, 5);
  CHECK(forward_on_device(chunk).softmax.empty());
  CHECK(backward_on_device<float>(chunk, {}, {}).empty());
}

// Not a test of its own: what an emulator counts the memory traffic of (-p), for docs/kernels.md.
TEMPLATE_TEST_CASE("softmax: a chunk of training", "[.traffic]", float, BFloat16) {
  const Chunk<TestType> chunk(64, 49152);
  const Result result = forward_on_device(chunk);
  CHECK(backward_on_device<TestType>(chunk, result, {}).size() == chunk.logits.size());
  CHECK(backward_on_device<BFloat16>(chunk, result, {.in_place = true}).size() == chunk.logits.size());
}
