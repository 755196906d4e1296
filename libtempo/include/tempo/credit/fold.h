// Folds the advantages of all responses through a node into what the clipped loss needs (docs/algorithm.md,
// "Fold").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/tree/forest.h"

namespace tempo::credit {

// How the token losses of an update are averaged.
enum class Aggregation {
  kTokenMean,     // over all response tokens of the update (DAPO)
  kSequenceMean,  // over the tokens of a response, then over responses (GRPO)
  kDrGrpo,        // sum over tokens divided by responses x max_response_tokens
};

// Sizes of a whole update on all ranks; the weights of its micro-batches add up to one update.
struct UpdateSize {
  std::int64_t responses = 0;
  std::int64_t response_tokens = 0;
};

// Returns the weight of a token of each response in the loss, [R]. 0 for an empty response.
// Throws tempo::Error when the update is smaller than the forest, or max_response_tokens < 1 for kDrGrpo.
std::vector<double> token_weights(const tree::Forest& forest, Aggregation aggregation,
                                  const UpdateSize& update, std::int64_t max_response_tokens);

// Columns over nodes, [N], 0 on prompts.
struct FoldedCredit {
  std::vector<float> positive;  // A+: sum of w_i * max(A_i, 0) over the responses through the node
  std::vector<float> negative;  // A-: sum of w_i * max(-A_i, 0)
  std::vector<float> weight;    // sum of w_i
  std::vector<std::int32_t> positive_count;  // responses with A_i > 0
  std::vector<std::int32_t> negative_count;  // responses with A_i < 0
};

// Returns the sums over the responses through every node, in double and in depth-first order.
// Requires one finite token_weight >= 0 a response and credit of this forest; throws tempo::Error otherwise.
FoldedCredit fold_credit(const tree::Forest& forest, const Credit& credit,
                         std::span<const double> token_weight);

}  // namespace tempo::credit
