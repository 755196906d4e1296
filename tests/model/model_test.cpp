#include "tempo/model/model.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

#include "model/model_fixtures.h"
#include "tree/random_groups.h"

using namespace tempo::model;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

tempo::tree::Forest random_forest(std::uint64_t seed) {
  const tempo::testing::RandomGroupsOptions options{
      .groups = 3, .vocab = 4, .min_length = 1, .min_prompt = 2, .max_prompt = 6, .seed = seed};
  return tempo::tree::build_forest(tempo::testing::random_groups(options).flat());
}

// The nodes of a response's path, prompt included.
std::vector<std::int64_t> path_nodes(const tempo::tree::Forest& forest, std::int32_t response) {
  std::vector<std::int64_t> nodes;
  for (const tempo::tree::NodeRange range : tempo::tree::response_path(forest, response)) {
    for (std::int32_t node = range.begin; node < range.end; ++node) nodes.push_back(node);
  }
  return nodes;
}

std::vector<std::int32_t> path_tokens(const tempo::tree::Forest& forest, std::int32_t response) {
  std::vector<std::int32_t> tokens;
  for (const std::int64_t node : path_nodes(forest, response)) {
    tokens.push_back(forest.token[static_cast<std::size_t>(node)]);
  }
  return tokens;
}

// The part [begin, end) of a sequence of at most `reserved` tokens whose keys are at slots offset, offset +
// 1,
// ... of a cache.
SegmentPlan continue_sequence(const std::vector<std::int32_t>& tokens, std::int32_t begin, std::int32_t end,
                              std::int32_t offset) {
  SegmentPlan plan;
  for (std::int32_t i = begin; i < end; ++i) {
    plan.token.push_back(tokens[static_cast<std::size_t>(i)]);
    plan.position.push_back(i);
    plan.slot.push_back(offset + i);
  }
  plan.segments = {
      {.query_begin = 0, .query_end = end - begin, .range_begin = 0, .range_end = 1, .keys = end}};
  plan.key_ranges = {{offset, offset + end}};
  return plan;
}

}  // namespace

TEST_CASE("Model: a folded forest equals each response computed alone", "[model]") {
  const Model model = random_model(small_config(), 1);
  const tempo::tree::Forest forest = random_forest(7);
  const at::Tensor folded_ND = model.hidden(plan_forest(forest));
  const at::Tensor weight_ND = random_tensor(folded_ND.sizes(), 2);
  at::Tensor folded_loss = at::zeros({}), alone_loss = at::zeros({});
  for (std::int32_t response = 0; response < forest.responses(); ++response) {
    const at::Tensor nodes = at::tensor(path_nodes(forest, response), at::kLong);
    const at::Tensor weight_TD = weight_ND.index_select(0, nodes);
    const at::Tensor folded_TD = folded_ND.index_select(0, nodes);
    const at::Tensor alone_TD = model.hidden(plan_sequence(path_tokens(forest, response)));
    CHECK(relative_error(folded_TD, alone_TD) < kFloatTolerance);
    folded_loss = folded_loss + (folded_TD * weight_TD).sum();
    alone_loss = alone_loss + (alone_TD * weight_TD).sum();
  }
  const std::vector<at::Tensor> folded = gradients(model, folded_loss), alone = gradients(model, alone_loss);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    INFO(model.parameters()[i].name);
    CHECK(relative_error(folded[i], alone[i]) < kFloatTolerance);
  }
}

TEST_CASE("Model: prefill and single steps with a cache equal the full forward pass", "[model]") {
  const at::NoGradGuard no_grad;
  const Model model = random_model(small_config(), 2);
  std::vector<std::int32_t> tokens(24);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<std::int32_t>(7 * i % 50);
  const at::Tensor full_TD = model.hidden(plan_sequence(tokens));
  KvCache cache(model.config(), 100, at::kFloat, at::kCPU);
  constexpr std::int32_t kPrefill = 10, kOffset = 37;
  std::vector<at::Tensor> parts{model.hidden(continue_sequence(tokens, 0, kPrefill, kOffset), &cache)};
  for (std::int32_t i = kPrefill; i < 24; ++i) {
    parts.push_back(model.hidden(continue_sequence(tokens, i, i + 1, kOffset), &cache));
  }
  CHECK(relative_error(at::cat(parts), full_TD) < kFloatTolerance);
}

TEST_CASE("Model: parameters require gradients and copies share them", "[model]") {
  const Model model = random_model(small_config(), 3);
  const Model copy = model;
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    CHECK(model.parameters()[i].tensor.requires_grad());
    CHECK(model.parameters()[i].tensor.is_same(copy.parameters()[i].tensor));
  }
}

TEST_CASE("initialise: a seed gives the same small weights, norms of one and no biases", "[model]") {
  Model first(small_config(), at::kFloat, at::kCPU), second = random_model(small_config(), 4);
  initialise(first, 5);
  initialise(second, 5);
  for (std::size_t i = 0; i < first.parameters().size(); ++i) {
    const Parameter& parameter = first.parameters()[i];
    INFO(parameter.name);
    CHECK(at::equal(parameter.tensor, second.parameters()[i].tensor));
    if (parameter.name.ends_with("norm.weight")) CHECK(parameter.tensor.eq(1).all().item<bool>());
    if (parameter.name.ends_with(".bias")) CHECK(parameter.tensor.eq(0).all().item<bool>());
    // Five standard errors of a standard deviation from n values: 5 / sqrt(2 n), n at least 768.
    if (parameter.tensor.dim() == 2) CHECK(std::abs(parameter.tensor.std().item<double>() / 0.02 - 1) < 0.13);
  }
  initialise(second, 6);
  CHECK_FALSE(at::equal(first.parameters()[0].tensor, second.parameters()[0].tensor));
}

TEST_CASE("Model: a plan that does not fit is refused", "[model]") {
  const Model model = random_model(small_config(), 8);
  KvCache cache(model.config(), 4, at::kFloat, at::kCPU);
  CHECK_THROWS_WITH(model.hidden(plan_sequence({1, 50})),
                    ContainsSubstring("expected a token below 50, got 50"));
  CHECK_THROWS_WITH(model.hidden(plan_sequence({-1})), ContainsSubstring("got -1"));
  CHECK_THROWS_WITH(model.hidden(plan_sequence({1}), &cache), ContainsSubstring("gradients to be off"));
  const at::NoGradGuard no_grad;
  CHECK_THROWS_WITH(model.hidden(plan_sequence({1, 2, 3, 4, 5}), &cache),
                    ContainsSubstring("expected a slot below 4"));
  SegmentPlan plan = plan_sequence({1, 2});
  plan.position.pop_back();
  CHECK_THROWS_WITH(model.hidden(plan), ContainsSubstring("expected 2 positions and slots, got 1 and 2"));
  plan = plan_sequence({1, 2});
  plan.slot = {1, 0};
  CHECK_THROWS_WITH(model.hidden(plan), ContainsSubstring("the token's index"));
}
