#include "tempo/credit/fold.h"

#include <algorithm>
#include <cmath>

#include "tempo/core/error.h"

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Fills the columns of node n.
void fold_node(const tree::Forest& forest, const Credit& credit, std::span<const double> token_weight,
               std::size_t n, FoldedCredit& folded) {
  double positive = 0, negative = 0, weight = 0;
  const auto responses =
      std::span(forest.leaf_response).subspan(at(forest.first_leaf[n]), at(forest.weight[n]));
  for (const std::int32_t i : responses) {
    const float advantage = credit.response[at(i)] + credit.node[n];
    const double w = token_weight[at(i)];
    positive += w * std::max(advantage, 0.0F);
    negative += w * std::max(-advantage, 0.0F);
    weight += w;
    folded.positive_count[n] += advantage > 0;
    folded.negative_count[n] += advantage < 0;
  }
  folded.positive[n] = static_cast<float>(positive);
  folded.negative[n] = static_cast<float>(negative);
  folded.weight[n] = static_cast<float>(weight);
}

void copy_node(std::size_t from, std::size_t to, FoldedCredit& folded) {
  folded.positive[to] = folded.positive[from];
  folded.negative[to] = folded.negative[from];
  folded.weight[to] = folded.weight[from];
  folded.positive_count[to] = folded.positive_count[from];
  folded.negative_count[to] = folded.negative_count[from];
}

}  // namespace

std::vector<double> token_weights(const tree::Forest& forest, Aggregation aggregation,
                                  const UpdateSize& update, std::int64_t max_response_tokens) {
  std::int64_t tokens = 0;
  for (const std::int32_t length : forest.response_length) tokens += length;
  TEMPO_CHECK(update.responses >= forest.responses() && update.response_tokens >= tokens,
              "token_weights: update: expected at least the forest's ", forest.responses(), " responses and ",
              tokens, " tokens, got ", update.responses, " and ", update.response_tokens);
  TEMPO_CHECK(aggregation != Aggregation::kDrGrpo || max_response_tokens >= 1,
              "token_weights: max_response_tokens: expected at least 1, got ", max_response_tokens);
  const auto responses = static_cast<double>(update.responses);
  std::vector<double> weights;
  weights.reserve(forest.response_length.size());
  for (const std::int32_t length : forest.response_length) {
    double divisor = static_cast<double>(update.response_tokens);
    if (aggregation == Aggregation::kSequenceMean) divisor = responses * length;
    if (aggregation == Aggregation::kDrGrpo) divisor = responses * static_cast<double>(max_response_tokens);
    weights.push_back(length == 0 ? 0 : 1 / divisor);
  }
  return weights;
}

FoldedCredit fold_credit(const tree::Forest& forest, const Credit& credit,
                         std::span<const double> token_weight) {
  const std::size_t nodes = at(forest.nodes()), responses = at(forest.responses());
  TEMPO_CHECK(credit.response.size() == responses && credit.node.size() == nodes,
              "fold_credit: expected credit of ", responses, " responses and ", nodes, " nodes, got ",
              credit.response.size(), " and ", credit.node.size());
  TEMPO_CHECK(token_weight.size() == responses, "fold_credit: token_weight: expected ", responses,
              " numbers, got ", token_weight.size());
  for (const double w : token_weight)
    TEMPO_CHECK(w >= 0 && std::isfinite(w),
                "fold_credit: token_weight: expected finite numbers of at least 0, got ", w);
  FoldedCredit folded{.positive = std::vector<float>(nodes),
                      .negative = std::vector<float>(nodes),
                      .weight = std::vector<float>(nodes),
                      .positive_count = std::vector<std::int32_t>(nodes),
                      .negative_count = std::vector<std::int32_t>(nodes)};
  for (std::size_t n = 0; n < nodes; ++n) {
    if (!forest.trainable[n]) continue;
    // Along a segment the responses stay the same, and past its first node mostly the credit too.
    if (n > 0 && forest.node_segment[n - 1] == forest.node_segment[n] && credit.node[n - 1] == credit.node[n])
      copy_node(n - 1, n, folded);
    else
      fold_node(forest, credit, token_weight, n, folded);
  }
  return folded;
}

}  // namespace tempo::credit
