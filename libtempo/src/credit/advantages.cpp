#include "tempo/credit/advantages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "plan.h"
#include "tempo/core/error.h"
#include "tempo/kernels/advantages.h"

namespace tempo::credit {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

kernels::CreditOptions kernel_options(const AdvantageOptions& options) {
  return {.estimator = static_cast<kernels::Estimator>(options.estimator),
          .divide_by_std = options.divide_by_std,
          .epsilon = options.epsilon,
          .value_shrinkage = options.value_shrinkage};
}

// Throws tempo::Error unless there is one usable reward a response (assign_credit says what is usable).
void check_rewards(const char* function, std::span<const float> rewards, std::int32_t responses) {
  constexpr float kMost = 1e37F;
  TEMPO_CHECK(rewards.size() == at(responses), function, ": rewards: expected ", responses,
              " numbers, one a response, got ", rewards.size());
  for (std::size_t i = 0; i < rewards.size(); ++i)
    TEMPO_CHECK(std::abs(rewards[i]) <= kMost, function, ": rewards[", i,
                "]: expected a finite number of size at most ", kMost, ", got ", rewards[i]);
}

// Advantages that all tokens of a response share need no tree.
void write_outcomes(const tree::FlatGroups& groups, std::span<const float> rewards,
                    const AdvantageOptions& options, float* advantages) {
  tree::FlatGroups responses = groups;
  responses.prompt_tokens = responses.prompt_offsets = {};
  responses.old_logp = responses.entropy = {};
  responses.validate();
  check_rewards("token_advantages", rewards, groups.responses());
  const kernels::FlatGroups flat = kernel_groups(responses);
  std::vector<float> response(rewards.size());
  kernels::cpu::assign_credit(flat, {}, rewards.data(), kernel_options(options),
                              {.response = response.data()});
  kernels::cpu::write_token_advantages(flat, {}, response.data(), nullptr, advantages);
}

void write_by_plan(const tree::FlatGroups& groups, std::span<const float> rewards,
                   const AdvantageOptions& options, float* advantages) {
  const Plan plan(groups);
  check_rewards("token_advantages", rewards, groups.responses());
  std::vector<float> response(rewards.size()), segment(plan.segments());
  kernels::cpu::assign_credit(plan.groups(), plan.view(), rewards.data(), kernel_options(options),
                              {.response = response.data(), .segment = segment.data()});
  kernels::cpu::write_token_advantages(plan.groups(), plan.view(), response.data(), segment.data(),
                                       advantages);
}

}  // namespace

void AdvantageOptions::validate() const {
  TEMPO_CHECK(estimator >= Estimator::kTempo && estimator <= Estimator::kRloo,
              "AdvantageOptions: estimator: expected one that exists, got ", static_cast<int>(estimator));
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
  const Plan plan(forest);
  Credit credit{.response = std::vector<float>(rewards.size()),
                .node = std::vector<float>(at(forest.nodes()))};
  std::vector<float> segment(plan.segments());
  kernels::cpu::assign_credit(plan.groups(), plan.view(), rewards.data(), kernel_options(options),
                              {.response = credit.response.data(), .segment = segment.data()});
  kernels::cpu::write_node_credit(plan.groups(), plan.view(), segment.data(), credit.node.data());
  return credit;
}

std::vector<double> node_values(const tree::Forest& forest, std::span<const float> rewards,
                                double value_shrinkage) {
  check_rewards("node_values", rewards, forest.responses());
  const AdvantageOptions options{.value_shrinkage = value_shrinkage};
  options.validate();
  const Plan plan(forest);
  std::vector<double> segment(plan.segments()), values(at(forest.nodes()));
  kernels::cpu::assign_credit(plan.groups(), plan.view(), rewards.data(), kernel_options(options),
                              {.value = segment.data()});
  kernels::cpu::write_node_values(plan.groups(), plan.view(), segment.data(), values.data());
  return values;
}

std::vector<float> token_advantages(const tree::Forest& forest, const Credit& credit) {
  TEMPO_CHECK(credit.response.size() == at(forest.responses()) && credit.node.size() == at(forest.nodes()),
              "token_advantages: expected credit of ", forest.responses(), " responses and ", forest.nodes(),
              " nodes, got ", credit.response.size(), " and ", credit.node.size());
  const Plan plan(forest, credit.node);
  std::vector<float> advantages(static_cast<std::size_t>(plan.groups().response_token_count));
  kernels::cpu::write_token_advantages(plan.groups(), plan.view(), credit.response.data(),
                                       plan.segment_credit().data(), advantages.data());
  return advantages;
}

void write_token_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                            const AdvantageOptions& options, std::span<float> advantages) {
  options.validate();
  TEMPO_CHECK(advantages.size() == groups.response_tokens.size(), "token_advantages: expected room for ",
              groups.response_tokens.size(), " tokens, got ", advantages.size());
  if (options.estimator == Estimator::kTempo)
    write_by_plan(groups, rewards, options, advantages.data());
  else
    write_outcomes(groups, rewards, options, advantages.data());
}

std::vector<float> token_advantages(const tree::FlatGroups& groups, std::span<const float> rewards,
                                    const AdvantageOptions& options) {
  std::vector<float> advantages(groups.response_tokens.size());
  write_token_advantages(groups, rewards, options, advantages);
  return advantages;
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
