#include "tempo/credit/fold.h"

#include <cmath>

#include "plan.h"
#include "tempo/core/error.h"
#include "tempo/kernels/fold.h"

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

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
  const Plan plan(forest, credit.node);
  kernels::cpu::fold_credit(plan.groups(), plan.view(), credit.response.data(), plan.segment_credit().data(),
                            token_weight.data(),
                            {.positive = folded.positive.data(),
                             .negative = folded.negative.data(),
                             .weight = folded.weight.data(),
                             .positive_count = folded.positive_count.data(),
                             .negative_count = folded.negative_count.data()});
  return folded;
}

}  // namespace tempo::credit
