#include "tempo/kernels/draw.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "buffer.h"
#include "tempo/core/error.h"
#include "tempo/kernels/softmax.h"

using namespace tempo::kernels;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tempo::test::Buffer;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Rows of logits, each with its draws.
struct Batch {
  explicit Batch(std::int32_t vocab_, std::int32_t stride_ = 0)
      : vocab(vocab_), stride(std::max(vocab_, stride_)) {}

  // Fills the space between rows with NaN.
  Batch& add(std::vector<float> row, int draws) {
    row.resize(static_cast<std::size_t>(stride), std::nanf(""));
    logits.insert(logits.end(), row.begin(), row.end());
    for (int i = 0; i < draws; ++i)
      places.push_back({.prompt = static_cast<std::uint32_t>(offsets.size()),
                        .response = static_cast<std::uint32_t>(i),
                        .position = 7});
    offsets.push_back(offsets.back() + draws);
    return *this;
  }
  std::int32_t rows() const { return static_cast<std::int32_t>(offsets.size()) - 1; }

  std::int32_t vocab, stride;
  std::vector<float> logits;
  std::vector<std::int32_t> offsets{0};
  std::vector<DrawPlace> places;
};

struct Result {
  std::vector<std::int32_t> token;
  std::vector<float> logp, entropy;
  std::vector<RowStatus> status;
};

// Runs `work` on arrays of its kind; the logits as they are stored there.
template <typename Logit, template <typename> typename Array, typename Work>
Result run(const Batch& batch, const SamplingParams& params, const Work& work) {
  std::vector<Logit> stored(batch.logits.size());
  for (std::size_t i = 0; i < stored.size(); ++i) assign(stored[i], batch.logits[i]);
  const auto rows = static_cast<std::size_t>(batch.rows());
  Array<Logit> logits(stored);
  Array<std::int32_t> offsets(batch.offsets);
  Array<DrawPlace> places(batch.places);
  // Of rows without a distribution nothing is written: these numbers stay.
  Array<std::int32_t> token(std::vector<std::int32_t>(batch.places.size(), -2));
  Array<float> logp(std::vector<float>(batch.places.size(), 5)), entropy(std::vector<float>(rows, 5));
  Array<RowStatus> status(rows);
  work(DrawArgs<Logit>{.rows = batch.rows(),
                       .vocab = batch.vocab,
                       .row_stride = batch.stride,
                       .logits = logits.data(),
                       .draw_offsets = offsets.data(),
                       .places = places.data(),
                       .params = params,
                       .seed = 0x123456789abcdefULL,
                       .step = 3,
                       .token = token.data(),
                       .logp = logp.data(),
                       .entropy = entropy.data(),
                       .status = status.data()});
  return {token.values(), logp.values(), entropy.values(), status.values()};
}

template <typename T>
struct HostArray : std::vector<T> {
  using std::vector<T>::vector;
  explicit HostArray(const std::vector<T>& values) : std::vector<T>(values) {}
  std::vector<T> values() const { return *this; }
};

// A device sums in another order, and by another exponential: 2^-22 of the sum and of z e^z, |z| < 20 where
// it weighs.
void check_close(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK_THAT(got[i], WithinRel(expected[i], 1e-6F) || WithinAbs(expected[i], 5e-6F));
}

template <typename Logit>
void check_like_cpu(const Batch& batch, const SamplingParams& params) {
  CAPTURE(batch.vocab, params.temperature, params.top_k, params.top_p, params.min_p, sizeof(Logit));
  const Result expected =
      run<Logit, HostArray>(batch, params, [](const DrawArgs<Logit>& args) { cpu::draw_tokens(args); });
  tempo::test::in_any_order([&] {
    const Result got = run<Logit, Buffer>(
        batch, params, [](const DrawArgs<Logit>& args) { TEMPO_BACKEND::draw_tokens(args, nullptr); });
    CHECK(got.status == expected.status);
    CHECK(got.token == expected.token);
    check_close(got.logp, expected.logp);
    check_close(got.entropy, expected.entropy);
  });
}

void check_both(const Batch& batch, const SamplingParams& params) {
  check_like_cpu<float>(batch, params);
  check_like_cpu<BFloat16>(batch, params);
}

std::vector<float> normal_row(std::int32_t vocab, unsigned seed, float spread) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> row(static_cast<std::size_t>(vocab));
  for (float& logit : row) logit = normal(engine);
  return row;
}

std::vector<float> constant_row(std::int32_t vocab, float value) {
  return std::vector<float>(static_cast<std::size_t>(vocab), value);
}

const std::vector<SamplingParams> kSettings = {
    {},
    {.temperature = 0},
    {.temperature = 0.7},
    {.top_k = 1},
    {.top_k = 30},
    {.top_p = 0.3},
    {.top_p = 0.95},
    {.min_p = 0.02},
    {.temperature = 1.5, .top_k = 200, .top_p = 0.9, .min_p = 0.01},
};

}  // namespace

TEST_CASE("draw_tokens: a device draws what the CPU draws", TEMPO_TAGS) {
  const auto batch = [](std::int32_t vocab, float spread) {
    return Batch(vocab).add(normal_row(vocab, 1, spread), 5);
  };
  for (const std::int32_t vocab : {1, 2, 31, 32, 33, 255, 256, 257, 1000}) {
    check_like_cpu<float>(batch(vocab, 1), {.temperature = 0.7});
    check_like_cpu<BFloat16>(batch(vocab, 2),
                             {.temperature = 1.5, .top_k = 200, .top_p = 0.9, .min_p = 0.01});
  }
  for (const SamplingParams& params : kSettings) check_both(batch(700, 2), params);
}

TEST_CASE("draw_tokens: rows have their own numbers of draws", TEMPO_TAGS) {
  Batch rows(100);
  rows.add(normal_row(100, 1, 2), 3).add(normal_row(100, 2, 8), 0).add(normal_row(100, 3, 0.5F), 35);
  check_like_cpu<float>(rows, {.top_p = 0.8});
  check_like_cpu<float>(Batch(20).add(normal_row(20, 12, 2), 1024), {.top_p = 0.9});
}

TEST_CASE("draw_tokens: a large vocabulary", TEMPO_TAGS) {
  constexpr std::int32_t kVocab = 49'152;
  const Batch batch = Batch(kVocab).add(normal_row(kVocab, 4, 3), 8);
  for (const SamplingParams& params :
       {SamplingParams{}, {.temperature = 1.2, .top_k = 5000, .top_p = 0.9, .min_p = 1e-4}})
    check_like_cpu<float>(batch, params);
  check_like_cpu<BFloat16>(batch, {.top_p = 0.95});
}

TEST_CASE("draw_tokens: log-probabilities and entropies have the bits of training's", TEMPO_TAGS) {
  constexpr std::size_t kDraws = 20;
  const Batch batch = Batch(5000).add(normal_row(5000, 13, 3), kDraws);
  const Result drawn =
      run<float, Buffer>(batch, {.temperature = 0.5, .top_p = 0.9},
                         [](const DrawArgs<float>& args) { TEMPO_BACKEND::draw_tokens(args, nullptr); });
  Buffer<float> logits(batch.logits), logp(kDraws), entropy(kDraws);
  Buffer<RowSoftmax> softmax(std::size_t{1});
  Buffer<std::int64_t> first(std::vector<std::int64_t>{0, kDraws}),
      token(std::vector<std::int64_t>(drawn.token.begin(), drawn.token.end()));
  TEMPO_BACKEND::softmax_forward(LogitRows<float>{.rows = 1,
                                                  .vocab = batch.vocab,
                                                  .logits = logits.data(),
                                                  .stride = batch.stride,
                                                  .inverse_temperature = 2,
                                                  .first = first.data(),
                                                  .token = token.data()},
                                 {.softmax = softmax.data(), .logp = logp.data(), .entropy = entropy.data()},
                                 nullptr);
  CHECK(drawn.logp == logp.values());
  CHECK(drawn.entropy.front() == entropy.values().front());
}

// Rows begin at addresses of any alignment.
TEST_CASE("draw_tokens: rows may stand apart", TEMPO_TAGS) {
  Batch batch(300, 303);
  for (unsigned row = 0; row < 9; ++row) batch.add(normal_row(300, row, 2), 1);
  check_like_cpu<float>(batch, {.temperature = 0});
  check_like_cpu<BFloat16>(batch, {.top_k = 20, .top_p = 0.9});
}

TEST_CASE("draw_tokens: equal logits are cut by id", TEMPO_TAGS) {
  for (const std::int32_t vocab : {33, 1025}) {
    Batch batch(vocab);
    auto zeros = constant_row(vocab, 0.0F), halves = normal_row(vocab, 5, 1);
    for (std::size_t i = 0; i < zeros.size(); i += 3) zeros[i] = -0.0F;
    for (float& logit : halves) logit = std::round(2 * logit) / 2;
    batch.add(zeros, 10).add(halves, 10);
    for (const SamplingParams& params :
         {SamplingParams{.top_k = 17}, {.top_k = 31, .top_p = 0.7}, {.temperature = 0}})
      check_like_cpu<float>(batch, params);
  }
  check_like_cpu<float>(Batch(5000).add(constant_row(5000, -3.0F), 10), {.top_p = 0.5});
}

// Both logits give the same float32 weight; the order must still be that of the logits.
TEST_CASE("draw_tokens: logits one unit in the last place apart keep their order", TEMPO_TAGS) {
  std::vector<float> row(700);
  float logit = 1e-3F;
  for (float& x : row) x = logit = std::nextafter(logit, 1.0F);
  for (const std::int32_t top_k : {1, 2, 350, 699})
    check_like_cpu<float>(Batch(700).add(row, 8), {.top_k = top_k});
}

TEST_CASE("draw_tokens: logits of -inf are never drawn", TEMPO_TAGS) {
  auto few = constant_row(600, -kInfinity), half = normal_row(600, 6, 3);
  few[300] = -4;
  for (std::size_t i = 0; i < half.size(); i += 2) half[i] = -kInfinity;
  const Batch batch = Batch(600).add(few, 2).add(half, 6);
  for (const SamplingParams& params :
       {SamplingParams{}, {.temperature = 0}, {.top_k = 400}, {.top_p = 0.9999, .min_p = 0.001}})
    check_like_cpu<float>(batch, params);
}

TEST_CASE("draw_tokens: rows without a distribution are told, and others drawn", TEMPO_TAGS) {
  auto with_nan = normal_row(300, 7, 1), with_infinity = normal_row(300, 8, 1);
  with_nan[299] = std::nanf("");
  with_infinity[0] = kInfinity;
  Batch batch(300);
  batch.add(with_nan, 3)
      .add(normal_row(300, 9, 1), 3)
      .add(with_infinity, 3)
      .add(constant_row(300, -kInfinity), 3);
  check_both(batch, {.top_k = 5});
  check_both(batch, {.temperature = 0});
}

TEST_CASE("draw_tokens: extreme logits and temperatures", TEMPO_TAGS) {
  auto row = normal_row(257, 10, 60);
  row[3] = 3e38F, row[5] = -3e38F, row[9] = std::nextafter(3e38F, 0.0F);
  Batch batch(257);
  batch.add(row, 3).add(normal_row(257, 11, 60), 8);
  for (const double temperature : {kMinTemperature, 1.0, 50.0})
    check_like_cpu<float>(batch, {.temperature = temperature, .top_k = 100, .top_p = 0.999999999999});
}

TEST_CASE("draw_tokens: no rows, and too many tokens", TEMPO_TAGS) {
  check_like_cpu<float>(Batch(5), {});
  DrawArgs<float> args{.rows = 1, .vocab = 1 << 22};
  CHECK_THROWS_AS(TEMPO_BACKEND::draw_tokens(args, nullptr), tempo::Error);
}
