#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "objective/forest_columns.h"
#include "support/golden.h"
#include "tempo/credit/fold.h"
#include "tempo/objective/loss.h"
#include "tempo/tree/forest.h"

using Catch::Matchers::WithinAbs;
using tempo::credit::Aggregation;
using tempo::objective::LossOptions;
using tempo::objective::NodeBatch;
using tempo::testing::error_ratio;
using tempo::testing::to_nodes;
using tempo::tree::Forest;
using tempo::tree::Merge;

namespace {

Forest golden_forest(const nlohmann::json& golden, Merge merge) {
  std::vector<std::int32_t> prompts, prompt_offsets{0}, tokens, offsets{0}, groups{0};
  for (const auto& group : golden["groups"]) {
    prompts.push_back(0);
    prompt_offsets.push_back(static_cast<std::int32_t>(prompts.size()));
    for (const auto& response : group) {
      for (const std::int32_t token : response) tokens.push_back(token);
      offsets.push_back(static_cast<std::int32_t>(tokens.size()));
    }
    groups.push_back(static_cast<std::int32_t>(offsets.size()) - 1);
  }
  const std::vector<float> old_logp = golden["old_logp"];
  return tempo::tree::build_forest({.prompt_tokens = prompts,
                                    .prompt_offsets = prompt_offsets,
                                    .response_tokens = tokens,
                                    .response_offsets = offsets,
                                    .group_offsets = groups,
                                    .old_logp = old_logp},
                                   merge);
}

LossOptions options_of(const nlohmann::json& test) {
  LossOptions options;
  options.clip_low = test.value("clip_low", options.clip_low);
  options.clip_high = test.value("clip_high", options.clip_high);
  if (test.contains("dual_clip")) options.dual_clip = test["dual_clip"];
  options.kl_coefficient = test.value("kl_coefficient", 0.0);
  options.entropy_coefficient = test.value("entropy_coefficient", 0.0);
  const std::string aggregation = test["aggregation"];
  if (aggregation == "sequence_mean") options.aggregation = Aggregation::kSequenceMean;
  if (aggregation == "dr_grpo") options.aggregation = Aggregation::kDrGrpo;
  return options;
}

NodeBatch golden_batch(const nlohmann::json& golden, const Forest& forest, Aggregation aggregation) {
  const tempo::credit::Credit credit{.response = golden["response_part"],
                                     .node = to_nodes(forest, golden["node_part"])};
  const auto tokens = static_cast<std::int64_t>(golden["logp"].size());
  const auto weights = tempo::credit::token_weights(
      forest, aggregation, {.responses = forest.responses(), .response_tokens = tokens},
      golden["max_tokens"].get<std::int64_t>());
  return tempo::objective::node_batch(forest, tempo::credit::fold_credit(forest, credit, weights), at::kCPU);
}

// The batch's rows of a golden column over tokens that is equal on shared nodes.
at::Tensor column(const nlohmann::json& values, const Forest& forest, const NodeBatch& batch) {
  return at::tensor(to_nodes(forest, values)).index_select(0, batch.node);
}

// The batch's rows of the sum of a golden column over the tokens of each node.
at::Tensor summed(const nlohmann::json& values, const Forest& forest, const NodeBatch& batch) {
  const at::Tensor nodes = at::tensor(tempo::testing::token_nodes(forest));
  const at::Tensor tokens = at::tensor(values.get<std::vector<double>>());
  return at::zeros({forest.nodes()}, at::kDouble).index_add_(0, nodes, tokens).index_select(0, batch.node);
}

// Weights of the 23 tokens add up to at most 1 and their losses are below 4: 23 roundings of 2^-24 of that.
constexpr double kTolerance = 23 * 4 * 0x1p-24;

}  // namespace

TEST_CASE("clipped_loss: value and gradients equal the padded PyTorch reference, merged or not",
          "[objective]") {
  const auto golden = tempo::testing::load_golden("objective/loss.json");
  for (const Merge merge : {Merge::kPrefixes, Merge::kNone}) {
    const Forest forest = golden_forest(golden, merge);
    for (const auto& test : golden["cases"]) {
      INFO(test["name"] << (merge == Merge::kPrefixes ? ", merged" : ", not merged"));
      const LossOptions options = options_of(test);
      const NodeBatch batch = golden_batch(golden, forest, options.aggregation);
      const at::Tensor logp = column(golden["logp"], forest, batch).requires_grad_();
      const at::Tensor entropy = column(golden["entropy"], forest, batch).requires_grad_();
      const auto loss = tempo::objective::clipped_loss(batch, logp, entropy,
                                                       column(golden["ref_logp"], forest, batch), options);
      loss.value.backward();
      CHECK_THAT(loss.value.item<double>(), WithinAbs(test["loss"].get<double>(), kTolerance));
      CHECK(error_ratio(logp.grad(), summed(test["grad_logp"], forest, batch), 0, kTolerance) <= 1);
      const at::Tensor grad_entropy = entropy.grad().defined() ? entropy.grad() : at::zeros_like(entropy);
      CHECK(error_ratio(grad_entropy, summed(test["grad_entropy"], forest, batch), 0, kTolerance) <= 1);
    }
  }
}

TEST_CASE("clipped_loss: statistics count original tokens, merged or not", "[objective]") {
  const auto golden = tempo::testing::load_golden("objective/loss.json");
  for (const Merge merge : {Merge::kPrefixes, Merge::kNone}) {
    const Forest forest = golden_forest(golden, merge);
    for (const auto& test : golden["cases"]) {
      INFO(test["name"]);
      const LossOptions options = options_of(test);
      const NodeBatch batch = golden_batch(golden, forest, options.aggregation);
      const auto stats = tempo::objective::clipped_loss(batch, column(golden["logp"], forest, batch),
                                                        column(golden["entropy"], forest, batch),
                                                        column(golden["ref_logp"], forest, batch), options)
                             .stats;
      const auto& expected = test["stats"];
      CHECK(stats.tokens == expected["tokens"]);
      CHECK(stats.clipped_low == expected["clipped_low"]);
      CHECK(stats.clipped_high == expected["clipped_high"]);
      CHECK(stats.clipped_dual == expected["clipped_dual"]);
      CHECK_THAT(stats.kl, WithinAbs(expected["kl"].get<double>(), kTolerance));
      CHECK_THAT(stats.entropy, WithinAbs(expected["entropy"].get<double>(), kTolerance));
      CHECK_THAT(stats.logp_difference_max,
                 WithinAbs(expected["logp_difference_max"].get<double>(), kTolerance));
    }
  }
}
