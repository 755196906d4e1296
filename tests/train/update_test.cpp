#include "tempo/train/update.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "support/tiny_language.h"
#include "train/groups.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

// 9, 7, 4 and 5 nodes; the second group has equal rewards, the fourth only empty responses.
std::vector<Group> four_groups() {
  return {{{9, 7, 1}, {{1, 2, 3}, {1, 2}, {1, 4, 4, 10}}, {1, 0, 0.5F}, {}},
          {{9, 7}, {{1, 2, 3}, {5, 2}}, {1, 1}, {}},
          {{9}, {{2, 3}, {10}}, {0, 1}, {}},
          {{9, 7, 3, 10, 7}, {{}, {}}, {0, 1}, {}}};
}

// A model that was updated once from the groups, at a rate that shows.
struct Updated {
  model::Model model = tiny_language_model(3);
  model::Model reference = tiny_language_model(4);
  train::ShardedAdamW optimizer;
  train::UpdateReport report;

  explicit Updated(const std::vector<Group>& groups, const train::TrainOptions& options = {})
      : optimizer(model, options.optimizer) {
    const auto forest = forest_of(groups);
    const auto credit = credit::assign_credit(forest, rewards_of(groups), options.advantage);
    std::vector<std::int32_t> all(groups.size());
    std::iota(all.begin(), all.end(), 0);
    const bool use_reference = options.loss.kl_coefficient > 0;
    report = train::update_weights(model, use_reference ? &reference : nullptr, optimizer, 0.01, forest,
                                   credit, all, options);
  }
};

// AdamW with this epsilon is continuous in the gradient: a weight moves by at most rate / epsilon = 1 times
// the error of its gradient.
train::TrainOptions smooth_options() { return {.optimizer = {.epsilon = 0.01}}; }

// Gradients of order 0.1 that are sums in another order: 20 roundings of 2^-24
// (tests/model/model_fixtures.h).
constexpr double kTolerance = 0.1 * 20 * 6e-8;

double largest_difference(const model::Model& a, const model::Model& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    const auto difference = a.parameters()[i].tensor.detach() - b.parameters()[i].tensor.detach();
    largest = std::max(largest, difference.abs().max().item<double>());
  }
  return largest;
}

}  // namespace

TEST_CASE("micro_batches: the largest groups first, each where it fits", "[train]") {
  const auto forest = forest_of(four_groups());
  using Batches = std::vector<std::vector<std::int32_t>>;
  const std::vector<std::int32_t> sizes{forest.group_node[1], forest.group_node[2] - forest.group_node[1],
                                        forest.group_node[3] - forest.group_node[2],
                                        forest.group_node[4] - forest.group_node[3]};
  REQUIRE(sizes == std::vector<std::int32_t>{9, 7, 4, 5});
  const std::vector<std::int32_t> all{0, 1, 2, 3};
  CHECK(train::micro_batches(forest, all, 25) == Batches{{0, 1, 2, 3}});
  CHECK(train::micro_batches(forest, all, 24) == Batches{{0, 1, 3}, {2}});
  CHECK(train::micro_batches(forest, all, 16) == Batches{{0, 1}, {2, 3}});
  CHECK(train::micro_batches(forest, std::vector<std::int32_t>{2, 0, 3}, 13) == Batches{{2, 0}, {3}});
  CHECK(train::micro_batches(forest, {}, 13).empty());
}

TEST_CASE("micro_batches: a group over the limit stands alone", "[train]") {
  const auto forest = forest_of(four_groups());
  const std::vector<std::vector<std::int32_t>> expected{{0}, {3}, {2}};
  CHECK(train::micro_batches(forest, std::vector<std::int32_t>{2, 0, 3}, 6) == expected);
}

TEST_CASE("update_weights: the same update for any size of micro-batches", "[train]") {
  auto options = smooth_options();
  const Updated whole(four_groups(), options);
  REQUIRE(largest_difference(whole.model, tiny_language_model(3)) > 1e-3);
  for (const std::int64_t tokens : {1, 8, 13, 20}) {
    CAPTURE(tokens);
    options.loop.micro_batch_tokens = tokens;
    const Updated cut(four_groups(), options);
    CHECK_THAT(cut.report.loss, WithinAbs(whole.report.loss, 1e-6));
    CHECK_THAT(cut.report.grad_norm, WithinRel(whole.report.grad_norm, 1e-5));
    CHECK(cut.report.stats.tokens == whole.report.stats.tokens);
    CHECK(largest_difference(cut.model, whole.model) <= kTolerance);
  }
}

TEST_CASE("update_weights: the same update for any order of the prompts", "[train]") {
  auto groups = four_groups();
  const Updated given(groups, smooth_options());
  std::reverse(groups.begin(), groups.end());
  std::swap(groups[0], groups[2]);
  const Updated moved(groups, smooth_options());
  CHECK_THAT(moved.report.loss, WithinAbs(given.report.loss, 1e-6));
  CHECK_THAT(moved.report.grad_norm, WithinRel(given.report.grad_norm, 1e-5));
  CHECK(largest_difference(moved.model, given.model) <= kTolerance);
}

TEST_CASE("update_weights: gradients of many micro-batches are added up in float32", "[train]") {
  // In bfloat16 a sum of equal parts stops growing at 256 of them.
  const std::vector<Group> groups(400, four_groups()[0]);
  const auto forest = forest_of(groups);
  const auto credit = credit::assign_credit(forest, rewards_of(groups));
  std::vector<std::int32_t> all(groups.size());
  std::iota(all.begin(), all.end(), 0);
  const auto gradient_norm = [&](std::int64_t micro_batch_tokens) {
    const auto model = tiny_language_model(3, at::kBFloat16);
    train::ShardedAdamW optimizer(model, {});
    train::TrainOptions options;
    options.loop.micro_batch_tokens = micro_batch_tokens;
    return train::update_weights(model, nullptr, optimizer, 0.1, forest, credit, all, options).grad_norm;
  };
  // The parts are rounded to bfloat16 once, all the same way: 2^-8 at most.
  CHECK_THAT(gradient_norm(9), WithinRel(gradient_norm(4000), 0x1p-7));
}

TEST_CASE("update_weights: groups without credit are not computed", "[train]") {
  const Updated updated(four_groups(), smooth_options());
  CHECK(updated.report.trained_tokens == 9 + 4);
  CHECK(updated.report.stats.tokens == 9 + 3);
}

TEST_CASE("update_weights: groups without credit change nothing when they are computed", "[train]") {
  // A coefficient that only switches their computation on: 1e-30 of any gradient is lost in rounding.
  auto options = smooth_options();
  const Updated skipped(four_groups(), options);
  options.loss.entropy_coefficient = 1e-30;
  const Updated computed(four_groups(), options);
  CHECK(computed.report.trained_tokens == 9 + 7 + 4);
  CHECK(largest_difference(computed.model, skipped.model) <= kTolerance);
  CHECK_THAT(computed.report.loss, WithinAbs(skipped.report.loss, 1e-6));
}

TEST_CASE("update_weights: a KL coefficient computes the groups without credit", "[train]") {
  auto options = smooth_options();
  options.loss.kl_coefficient = 0.1;
  const Updated updated({four_groups()[1]}, options);
  CHECK(updated.report.trained_tokens == 7);
  CHECK(updated.report.stats.kl > 0);
  CHECK(largest_difference(updated.model, tiny_language_model(3)) > 1e-4);
}

TEST_CASE("update_weights: without any credit the weights stay, weight decay included", "[train]") {
  const Updated updated({four_groups()[1], four_groups()[3]});
  CHECK(updated.report.trained_tokens == 0);
  CHECK(updated.report.loss == 0);
  CHECK(updated.report.grad_norm == 0);
  CHECK(updated.optimizer.state().steps == 0);
  CHECK(largest_difference(updated.model, tiny_language_model(3)) == 0);
}

TEST_CASE("update_weights: a loss or gradient that is not finite is an error, and the weights stay",
          "[train]") {
  const auto groups = four_groups();
  const auto forest = forest_of(groups);
  auto credit = credit::assign_credit(forest, rewards_of(groups));
  for (const double damage : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    CAPTURE(damage);
    const auto model = tiny_language_model(3);
    {
      const at::NoGradGuard no_gradients;
      at::Tensor(model.output_weight()).index_put_({0, 0}, damage);
    }
    const auto before = copy_of_weights(model);
    train::ShardedAdamW optimizer(model, {});
    const std::vector<std::int32_t> all{0, 1, 2};
    CHECK_THROWS_AS(train::update_weights(model, nullptr, optimizer, 0.1, forest, credit, all, {}), Error);
    CHECK(optimizer.state().steps == 0);
    for (std::size_t i = 0; i < before.size(); ++i)
      CHECK(at::allclose(model.parameters()[i].tensor, before[i], 0, 0, /*equal_nan=*/true));
  }
}

TEST_CASE("update_weights: what a refused update has left behind does not reach the next", "[train]") {
  const auto groups = four_groups();
  const auto forest = forest_of(groups);
  auto credit = credit::assign_credit(forest, rewards_of(groups));
  const std::vector<std::int32_t> first{0}, both{0, 2};
  const auto gradient_norm = [&](bool refused_before) {
    const auto model = tiny_language_model(3);
    train::ShardedAdamW optimizer(model, {});
    train::TrainOptions options;
    options.loop.micro_batch_tokens = 1;
    if (refused_before) {
      auto damaged = forest;
      damaged.old_logp[static_cast<std::size_t>(damaged.group_node[3]) - 1] = std::nanf("");  // of group 2
      CHECK_THROWS_AS(train::update_weights(model, nullptr, optimizer, 0.1, damaged, credit, both, options),
                      Error);
    }
    return train::update_weights(model, nullptr, optimizer, 0.1, forest, credit, first, options).grad_norm;
  };
  CHECK(gradient_norm(true) == gradient_norm(false));
}

TEST_CASE("update_weights: weights are those of the mini-batch, not of the whole forest", "[train]") {
  const auto options = smooth_options();
  const Updated alone({four_groups()[0], four_groups()[2]}, options);
  Updated part({}, options);
  const auto groups = four_groups();
  const auto forest = forest_of(groups);
  const auto credit = credit::assign_credit(forest, rewards_of(groups), options.advantage);
  const std::vector<std::int32_t> chosen{0, 2};
  const auto report =
      train::update_weights(part.model, nullptr, part.optimizer, 0.01, forest, credit, chosen, options);
  CHECK(report.loss == alone.report.loss);
  CHECK(largest_difference(part.model, alone.model) == 0);
}
