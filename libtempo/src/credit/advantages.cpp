#include "tempo/credit/advantages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "group_stats.h"
#include "tempo/core/error.h"
#include "values.h"

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Returns the factor of r - mu, and of V' - V, in a group's advantages.
double scale_of(const GroupStats& stats, const AdvantageOptions& options) {
  if (stats.std == 0) return 0;
  const double n = stats.size;
  switch (options.estimator) {
    case Estimator::kTempo:
    case Estimator::kGrpo:
      return options.divide_by_std ? 1 / (stats.std + options.epsilon) : 1;
    case Estimator::kDrGrpo:
      return 1;
    case Estimator::kRloo:
      return n / (n - 1);  // r less the mean of the others is n / (n - 1) (r - mu)
  }
  core::fail("AdvantageOptions: estimator: expected one that exists, got ",
             static_cast<int>(options.estimator));
}

float outcome(float reward, const GroupStats& stats, double scale) {
  return static_cast<float>((reward - stats.mean) * scale);
}

// Advantages that all tokens of a response share need no tree.
std::vector<float> outcome_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                                      const AdvantageOptions& options) {
  std::vector<float> advantages;
  advantages.reserve(groups.response_tokens.size());
  std::vector<float> scratch;
  for (std::size_t g = 0; g + 1 < groups.group_offsets.size(); ++g) {
    const std::int32_t begin = groups.group_offsets[g], end = groups.group_offsets[g + 1];
    const GroupStats stats = group_stats(rewards.subspan(at(begin), at(end - begin)), scratch);
    const double scale = scale_of(stats, options);
    for (std::int32_t i = begin; i < end; ++i)
      advantages.insert(advantages.end(), groups.response(i).size(), outcome(rewards[at(i)], stats, scale));
  }
  return advantages;
}

}  // namespace

void AdvantageOptions::validate() const {
  TEMPO_CHECK(epsilon >= 0 && std::isfinite(epsilon),
              "AdvantageOptions: epsilon: expected a finite number of at least 0, got ", epsilon);
  TEMPO_CHECK(value_shrinkage >= 0 && std::isfinite(value_shrinkage),
              "AdvantageOptions: value_shrinkage: expected a finite number of at least 0, got ",
              value_shrinkage);
}

Credit assign_credit(const tree::Forest& forest, std::span<const float> rewards,
                     const AdvantageOptions& options) {
  options.validate();
  check_rewards("assign_credit", rewards, forest.responses());
  const std::vector<GroupStats> stats = all_group_stats(forest, rewards);
  std::vector<double> values;
  if (options.estimator == Estimator::kTempo)
    values = segment_values(forest, rewards, stats, options.value_shrinkage);

  Credit credit{.response = std::vector<float>(rewards.size()),
                .node = std::vector<float>(at(forest.nodes()))};
  for (std::size_t g = 0; g < stats.size(); ++g) {
    const double scale = scale_of(stats[g], options);
    if (scale == 0) continue;
    for (std::size_t i = at(forest.group_response[g]); i < at(forest.group_response[g + 1]); ++i)
      credit.response[i] = outcome(rewards[i], stats[g], scale);
    if (values.empty()) continue;
    for (std::size_t s = at(forest.group_segment[g]) + 1; s < at(forest.group_segment[g + 1]); ++s) {
      const auto& [nodes, parent] = forest.segments[s];
      credit.node[at(nodes.begin)] = static_cast<float>((values[s] - values[at(parent)]) * scale);
    }
  }
  return credit;
}

std::vector<float> token_advantages(const tree::Forest& forest, const Credit& credit) {
  TEMPO_CHECK(credit.response.size() == at(forest.responses()) && credit.node.size() == at(forest.nodes()),
              "token_advantages: expected credit of ", forest.responses(), " responses and ", forest.nodes(),
              " nodes, got ", credit.response.size(), " and ", credit.node.size());
  std::size_t tokens = 0;
  for (const std::int32_t length : forest.response_length) tokens += at(length);
  std::vector<float> advantages(tokens);
  for (std::size_t i = credit.response.size(); i-- > 0;)
    for (std::int32_t s = forest.response_segment[i]; forest.segments[at(s)].parent >= 0;
         s = forest.segments[at(s)].parent) {
      const tree::NodeRange nodes = forest.segments[at(s)].nodes;
      for (std::int32_t n = nodes.end; n-- > nodes.begin;)
        advantages[--tokens] = credit.response[i] + credit.node[at(n)];
    }
  return advantages;
}

std::vector<float> token_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                                    const AdvantageOptions& options) {
  tree::FlatGroups responses = groups;
  responses.prompt_tokens = responses.prompt_offsets = {};
  responses.old_logp = responses.entropy = {};
  responses.validate();
  options.validate();
  check_rewards("token_advantages", rewards, groups.responses());
  if (options.estimator != Estimator::kTempo) return outcome_advantages(responses, rewards, options);
  const tree::Forest forest = tree::build_forest(responses);
  return token_advantages(forest, assign_credit(forest, rewards, options));
}

Estimator parse_estimator(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Estimator>, 4> kNames{{{"tempo", Estimator::kTempo},
                                                                          {"grpo", Estimator::kGrpo},
                                                                          {"dr_grpo", Estimator::kDrGrpo},
                                                                          {"rloo", Estimator::kRloo}}};
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const auto& n) { return n.first == name; });
  TEMPO_CHECK(found != kNames.end(), "estimator: expected tempo, grpo, dr_grpo or rloo, got ", name);
  return found->second;
}

}  // namespace tempo::credit
