#include "tempo/credit/fold.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "model/model_fixtures.h"
#include "objective/forest_columns.h"
#include "support/golden.h"
#include "tempo/credit/advantages.h"
#include "tempo/model/model.h"
#include "tempo/objective/logprobs.h"
#include "tempo/objective/loss.h"
#include "tempo/tree/forest.h"
#include "tree/random_groups.h"

using tempo::credit::Aggregation;
using tempo::credit::Credit;
using tempo::model::Model;
using tempo::objective::LossOptions;
using tempo::objective::LossStats;
using tempo::testing::error_ratio;
using tempo::testing::to_nodes;
using tempo::testing::to_tokens;
using tempo::tree::Forest;

namespace {

struct Scored {
  Forest forest{};
  Credit credit{};
};

// A forest of random responses, old_logp near the model's own log-probabilities so that ratios stand on both
// sides of every clip, and its TEMPO credit.
Scored merged(const Model& model, const tempo::testing::RandomGroups& groups) {
  Scored scored{.forest = tempo::tree::build_forest(groups.flat())};
  Forest& forest = scored.forest;
  scored.credit = tempo::credit::assign_credit(forest, groups.rewards);
  const at::NoGradGuard no_grad;
  const Credit none{std::vector<float>(groups.rewards.size()), std::vector<float>(forest.token.size())};
  const std::vector<double> zeros(groups.rewards.size());
  const auto batch =
      tempo::objective::node_batch(forest, tempo::credit::fold_credit(forest, none, zeros), at::kCPU);
  const auto logp = tempo::objective::token_logprobs(model.hidden(tempo::model::plan_forest(forest)),
                                                     model.output_weight(), batch.row, batch.target)
                        .logp_N;
  for (std::int64_t i = 0; i < batch.node.numel(); ++i) {
    const auto n = static_cast<std::size_t>(batch.node[i].item<std::int64_t>());
    forest.old_logp[n] = logp[i].item<float>() + 0.4F * (forest.old_logp[n] + 2);  // was in [-4, 0]
  }
  return scored;
}

// The same responses, credit and old_logp with every response a chain of its own.
Scored unmerged(const Scored& folded, const tempo::testing::RandomGroups& groups) {
  Scored chains{.forest = tempo::tree::build_forest(groups.flat(), tempo::tree::Merge::kNone)};
  chains.credit = {.response = folded.credit.response,
                   .node = to_nodes(chains.forest, to_tokens(folded.forest, folded.credit.node))};
  chains.forest.old_logp = to_nodes(chains.forest, to_tokens(folded.forest, folded.forest.old_logp));
  return chains;
}

struct Outcome {
  double loss = 0;
  LossStats stats;
  std::vector<at::Tensor> gradients{};  // of every parameter of the model
};

Outcome outcome(const Model& model, const Scored& scored, const LossOptions& options) {
  const Forest& forest = scored.forest;
  const auto& lengths = forest.response_length;
  const std::int64_t tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  const auto weights = tempo::credit::token_weights(
      forest, options.aggregation, {.responses = forest.responses(), .response_tokens = tokens}, 10);
  const auto batch = tempo::objective::node_batch(
      forest, tempo::credit::fold_credit(forest, scored.credit, weights), at::kCPU);
  const auto result =
      tempo::objective::token_logprobs(model.hidden(tempo::model::plan_forest(forest)), model.output_weight(),
                                       batch.row, batch.target, {.temperature = 0.9, .chunk_rows = 16});
  const at::Tensor ref_logp = batch.old_logp * 0.9;
  const auto loss = tempo::objective::clipped_loss(batch, result.logp_N, result.entropy_N, ref_logp, options);
  for (const auto& parameter : model.parameters()) parameter.tensor.mutable_grad().reset();
  loss.value.backward();
  Outcome out{.loss = loss.value.item<double>(), .stats = loss.stats};
  for (const auto& parameter : model.parameters()) out.gradients.push_back(parameter.tensor.grad());
  return out;
}

void check_equal(const Model& model, const Outcome& got, const Outcome& expected) {
  // Sums over some 200 tokens in another order: 200 roundings of 2^-24, of the largest terms.
  constexpr double kTolerance = 200 * 0x1p-24;
  CHECK(std::abs(got.loss - expected.loss) <= kTolerance * std::max(1.0, std::abs(expected.loss)));
  for (std::size_t p = 0; p < got.gradients.size(); ++p) {
    INFO(model.parameters()[p].name);
    const double scale = expected.gradients[p].abs().max().item<double>();
    CHECK(error_ratio(got.gradients[p], expected.gradients[p], 0, kTolerance * scale) <= 1);
  }
  CHECK(got.stats.tokens == expected.stats.tokens);
  CHECK(got.stats.clipped_low == expected.stats.clipped_low);
  CHECK(got.stats.clipped_high == expected.stats.clipped_high);
  CHECK(got.stats.clipped_dual == expected.stats.clipped_dual);
}

}  // namespace

TEST_CASE("clipped_loss: folded equals unfolded, in loss and the gradient of every parameter",
          "[objective]") {
  const Model model = tempo::testing::random_model(tempo::testing::small_config(), 1);
  const std::vector<LossOptions> cases{
      {.aggregation = Aggregation::kTokenMean},
      {.aggregation = Aggregation::kSequenceMean},
      {.aggregation = Aggregation::kDrGrpo},
      {.clip_low = 0.1, .clip_high = 0.5, .dual_clip = 1.5},
      {.kl_coefficient = 0.5},
      {.entropy_coefficient = 0.3},
      {.clip_high = 0.28, .dual_clip = 2.0, .kl_coefficient = 0.1, .entropy_coefficient = -0.1},
  };
  LossStats seen;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto groups = tempo::testing::random_groups(
        {.groups = 3, .min_responses = 2, .vocab = 4, .min_prompt = 1, .seed = seed});
    const Scored folded = merged(model, groups), chains = unmerged(folded, groups);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      INFO("seed " << seed << ", case " << i);
      const Outcome got = outcome(model, folded, cases[i]);
      check_equal(model, got, outcome(model, chains, cases[i]));
      seen += got.stats;
    }
  }
  // The forests really held what folding could get wrong.
  CHECK(std::min({seen.clipped_low, seen.clipped_high, seen.clipped_dual}) > 10);
}
