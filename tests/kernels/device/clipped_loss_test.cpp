#include "tempo/kernels/clipped_loss.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <random>
#include <vector>

#include "buffer.h"

using namespace tempo::kernels;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using tempo::test::Buffer;

namespace {

struct Nodes {
  explicit Nodes(std::int64_t nodes) : size(static_cast<std::size_t>(nodes)) {
    std::mt19937 engine(static_cast<unsigned>(nodes) + 1);
    std::normal_distribution<float> normal;
    std::uniform_int_distribution<std::int32_t> responses(0, 4);
    for (std::size_t n = 0; n < size; ++n) {
      const float old = -std::abs(normal(engine));
      old_logp.push_back(old);
      logp.push_back(n % 13 == 5 ? old - 30 : old + 0.3F * normal(engine));
      ref_logp.push_back(old + 0.2F * normal(engine));
      entropy.push_back(std::abs(normal(engine)));
      positive.push_back(n % 5 == 0 ? 0 : std::abs(normal(engine)));
      negative.push_back(n % 3 == 0 ? 0 : std::abs(normal(engine)));
      weight.push_back(std::abs(normal(engine)));
      positive_count.push_back(responses(engine));
      negative_count.push_back(responses(engine));
      count.push_back(positive_count.back() + negative_count.back());
    }
  }
  std::size_t size;
  std::vector<float> logp, old_logp, entropy, ref_logp, positive, negative, weight;
  std::vector<std::int32_t> count, positive_count, negative_count;
};

struct Result {
  std::vector<float> d_logp, d_entropy;
  ClippedLossSums sums;
};

ClippedLossArgs options(bool with_everything) {
  ClippedLossArgs args{.clip_low = 0.2F, .clip_high = 0.28F};
  if (with_everything) args.dual_clip = 1.5F, args.kl_coefficient = 0.05F, args.entropy_coefficient = 0.01F;
  return args;
}

Result on_cpu(const Nodes& nodes, bool with_everything) {
  Result result{
      .d_logp = std::vector<float>(nodes.size), .d_entropy = std::vector<float>(nodes.size), .sums = {}};
  ClippedLossArgs args = options(with_everything);
  args.nodes = static_cast<std::int64_t>(nodes.size);
  args.logp = nodes.logp.data(), args.old_logp = nodes.old_logp.data(), args.entropy = nodes.entropy.data();
  args.ref_logp = with_everything ? nodes.ref_logp.data() : nullptr;
  args.positive = nodes.positive.data(), args.negative = nodes.negative.data(),
  args.weight = nodes.weight.data();
  args.count = nodes.count.data(), args.positive_count = nodes.positive_count.data();
  args.negative_count = nodes.negative_count.data();
  args.d_logp = result.d_logp.data(), args.d_entropy = result.d_entropy.data(), args.sums = &result.sums;
  cpu::clipped_loss(args);
  return result;
}

Result on_device(const Nodes& nodes, bool with_everything) {
  Buffer logp(nodes.logp), old_logp(nodes.old_logp), entropy(nodes.entropy), ref_logp(nodes.ref_logp),
      positive(nodes.positive), negative(nodes.negative), weight(nodes.weight);
  Buffer count(nodes.count), positive_count(nodes.positive_count), negative_count(nodes.negative_count);
  Buffer<float> d_logp(nodes.size), d_entropy(nodes.size);
  ClippedLossArgs args = options(with_everything);
  args.nodes = static_cast<std::int64_t>(nodes.size);
  Buffer<ClippedLossSums> sums(std::size_t{1}),
      partials(static_cast<std::size_t>(clipped_loss_partials(args.nodes)));
  args.logp = logp.data(), args.old_logp = old_logp.data(), args.entropy = entropy.data();
  args.ref_logp = with_everything ? ref_logp.data() : nullptr;
  args.positive = positive.data(), args.negative = negative.data(), args.weight = weight.data();
  args.count = count.data(), args.positive_count = positive_count.data();
  args.negative_count = negative_count.data();
  args.d_logp = d_logp.data(), args.d_entropy = d_entropy.data();
  args.sums = sums.data(), args.partials = partials.data();
  TEMPO_BACKEND::clipped_loss(args, nullptr);
  return {.d_logp = d_logp.values(), .d_entropy = d_entropy.values(), .sums = sums.values().front()};
}

void check_close(double got, double expected) {
  CHECK_THAT(got, WithinRel(expected, 1e-6) || WithinAbs(expected, 1e-5));
}

void check_equal(const Result& got, const Result& expected) {
  // exp and expm1 of CPU and device differ in their last bits.
  for (std::size_t n = 0; n < got.d_logp.size(); ++n) {
    check_close(got.d_logp[n], expected.d_logp[n]);
    check_close(got.d_entropy[n], expected.d_entropy[n]);
  }
  check_close(got.sums.loss, expected.sums.loss);
  CHECK(got.sums.tokens == expected.sums.tokens);
  CHECK(got.sums.clipped_low == expected.sums.clipped_low);
  CHECK(got.sums.clipped_high == expected.sums.clipped_high);
  CHECK(got.sums.clipped_dual == expected.sums.clipped_dual);
  check_close(got.sums.kl, expected.sums.kl);
  check_close(got.sums.entropy, expected.sums.entropy);
  CHECK(got.sums.logp_difference_max == expected.sums.logp_difference_max);
}

}  // namespace

TEST_CASE("clipped_loss: a device computes what the CPU does", TEMPO_TAGS) {
  for (const std::int64_t nodes : {0, 1, 2, 31, 32, 33, 255, 256, 257, 511, 513, 1025}) {
    CAPTURE(nodes);
    const Nodes batch(nodes);
    for (const bool with_everything : {false, true}) {
      const Result expected = on_cpu(batch, with_everything);
      tempo::test::in_any_order([&] { check_equal(on_device(batch, with_everything), expected); });
    }
  }
}

TEST_CASE("clipped_loss: the order of threads does not change a bit", TEMPO_TAGS) {
  const Nodes batch(700);
  std::vector<double> losses;
  tempo::test::in_any_order([&] { losses.push_back(on_device(batch, true).sums.loss); });
  for (const double loss : losses) CHECK(loss == losses.front());
}
