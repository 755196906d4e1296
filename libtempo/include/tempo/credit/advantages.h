// Credit of sampled responses: GRPO and its kin, and TEMPO on the prefix tree (docs/algorithm.md).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tempo/tree/forest.h"

namespace tempo::credit {

enum class Estimator {
  kTempo,   // r - mu + V(s') - V(s)
  kGrpo,    // r - mu
  kDrGrpo,  // r - mu, never divided
  kRloo,    // r minus the mean of the group's other rewards, never divided
};

struct AdvantageOptions {
  Estimator estimator = Estimator::kTempo;
  bool divide_by_std = true;  // by the group's unbiased standard deviation + epsilon; kTempo and kGrpo only
  double epsilon = 1e-6;      // in reward units
  double value_shrinkage = 0.0;  // kappa of node_values; kTempo only

  // Throws tempo::Error: epsilon or value_shrinkage negative or not finite.
  void validate() const;
};

// Credit of a forest. The advantage of response i for the token of node n on its path is
// response[i] + node[n]: the outcome part belongs to the response, the tree's part to the node.
struct Credit {
  std::vector<float> response;  // [R]
  std::vector<float> node;      // [N], 0 on prompts and past the first node of a segment
};

// Returns the credit of every response and node. A group of one response, or of equal rewards, gets zeros.
// Permuting a group's responses permutes their advantages, bit for bit.
// Requires one reward a response, in the forest's order, each finite and of size at most 1e37, so that no sum
// leaves the range of float; throws tempo::Error otherwise.
// Source: GRPO, arXiv:2402.03300; Dr. GRPO, arXiv:2503.20783; RLOO, arXiv:2402.14740; TEMPO,
// arXiv:2509.18314.
Credit assign_credit(const tree::Forest& forest, std::span<const float> rewards,
                     const AdvantageOptions& options = {});

// Returns V(s) of every node, [N]: the mean reward of the responses through it; on prompts the group's mean.
// value_shrinkage = kappa > 0 draws the V of the n responses below a branch towards the V above it, itself so
// drawn: V + (n V' - n V) / (n + kappa). Requires and throws what assign_credit does.
std::vector<double> node_values(const tree::Forest& forest, std::span<const float> rewards,
                                double value_shrinkage = 0.0);

// Returns the advantage of every response token, [response tokens], in the forest's response order.
std::vector<float> token_advantages(const tree::Forest& forest, const Credit& credit);

// The same from flat arrays, [response tokens], without a forest of the caller's. Prompts and columns are not
// read.
std::vector<float> token_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                                    const AdvantageOptions& options = {});

// Writes the same to the caller's memory, [response tokens].
void write_token_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                            const AdvantageOptions& options, std::span<float> advantages);

// Returns the estimator of a name: tempo, grpo, dr_grpo, rloo. Throws tempo::Error for another.
Estimator parse_estimator(std::string_view name);

}  // namespace tempo::credit
