#include "report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

// Mean of what was counted; not a number when nothing was.
double ratio(double sum, double count) {
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

double mean(std::span<const double> values) {
  return ratio(std::accumulate(values.begin(), values.end(), 0.0), static_cast<double>(values.size()));
}

// Unbiased; 0 for fewer than two values.
double standard_deviation(std::span<const float> values) {
  if (values.size() < 2) return 0;
  const auto count = static_cast<double>(values.size());
  const double center = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const float value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / (count - 1));
}

void add_reward_metrics(const Batch& batch, Metrics& metrics) {
  std::vector<double> stds;
  std::int32_t flat_groups = 0;
  for (std::int32_t g = 0; g < batch.groups(); ++g) {
    const auto begin = batch.forest.group_response[static_cast<std::size_t>(g)];
    const auto end = batch.forest.group_response[static_cast<std::size_t>(g) + 1];
    stds.push_back(standard_deviation(
        std::span(batch.rewards)
            .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))));
    flat_groups += has_signal(batch, g) ? 0 : 1;
  }
  const std::vector<double> rewards(batch.rewards.begin(), batch.rewards.end());
  metrics.set("reward", mean(rewards));
  metrics.set("reward_std", mean(stds));
  metrics.set("frac_reward_zero_std", ratio(flat_groups, batch.groups()));
}

// A kind that stands twice is numbered: rewards/number, rewards/number_2.
std::string term_name(const std::vector<reward::RewardTerm>& terms, std::size_t t) {
  const auto same = std::count_if(terms.begin(), terms.begin() + static_cast<std::ptrdiff_t>(t) + 1,
                                  [&](const reward::RewardTerm& term) { return term.kind == terms[t].kind; });
  const std::string name = core::concat("rewards/", reward::name_of(terms[t].kind));
  return same > 1 ? core::concat(name, "_", same) : name;
}

void add_term_metrics(const Batch& batch, const reward::RewardFunction& reward, Metrics& metrics) {
  for (std::size_t t = 0; t < reward.terms().size(); ++t) {
    std::vector<double> scores;
    for (const reward::Score& score : batch.scores) scores.push_back(score.terms[t]);
    metrics.set(term_name(reward.terms(), t) + "/mean", mean(scores));
  }
}

// The failures that terms of a kind can have, with their names.
std::vector<std::pair<reward::Failure, const char*>> failures_of(reward::RewardKind kind) {
  using reward::Failure;
  if (kind == reward::RewardKind::kCommand) {
    return {{Failure::kTimeout, "timeouts"},
            {Failure::kDeath, "deaths"},
            {Failure::kBadAnswer, "bad_answers"},
            {Failure::kUnavailable, "unavailable"}};
  }
  const bool has_pattern = kind == reward::RewardKind::kRegex || kind == reward::RewardKind::kFormat;
  if (has_pattern) return {{Failure::kLimit, "limits"}};
  return {};
}

void add_length_metrics(const Batch& batch, Metrics& metrics) {
  std::vector<double> all, terminated;
  for (std::size_t r = 0; r < batch.truncated.size(); ++r) {
    all.push_back(batch.forest.response_length[r]);
    if (batch.truncated[r] == 0) terminated.push_back(all.back());
  }
  metrics.set("completions/mean_length", mean(all));
  metrics.set("completions/min_length", all.empty() ? 0 : *std::min_element(all.begin(), all.end()));
  metrics.set("completions/max_length", all.empty() ? 0 : *std::max_element(all.begin(), all.end()));
  metrics.set("completions/mean_terminated_length", mean(terminated));
  metrics.set("completions/clipped_ratio",
              ratio(static_cast<double>(all.size() - terminated.size()), static_cast<double>(all.size())));
}

// Counts over nodes, where a node counts once, and over response tokens, where it counts as often as it was
// sampled.
struct TreeCounts {
  double prompt_nodes = 0, response_nodes = 0, response_tokens = 0, branch_tokens = 0, entropy = 0;
};

TreeCounts count_nodes(const tree::Forest& forest) {
  TreeCounts counts;
  for (std::size_t n = 0; n < forest.token.size(); ++n) {
    if (forest.trainable[n] == 0) {
      ++counts.prompt_nodes;
      continue;
    }
    const double weight = forest.weight[n];
    const std::int32_t parent = forest.parent[n];
    ++counts.response_nodes;
    counts.response_tokens += weight;
    counts.entropy += weight * forest.entropy[n];
    if (parent >= 0 && forest.weight[static_cast<std::size_t>(parent)] > forest.weight[n]) {
      counts.branch_tokens += weight;
    }
  }
  return counts;
}

}  // namespace

std::int64_t sampled_tokens(const tree::Forest& forest) {
  return std::accumulate(forest.weight.begin(), forest.weight.end(), std::int64_t{0});
}

void add_batch_metrics(const Batch& batch, const reward::RewardFunction& reward, std::int64_t sampled_prompts,
                       Metrics& metrics) {
  add_reward_metrics(batch, metrics);
  add_term_metrics(batch, reward, metrics);
  add_length_metrics(batch, metrics);
  const TreeCounts counts = count_nodes(batch.forest);
  metrics.set("entropy", ratio(counts.entropy, counts.response_tokens));
  metrics.set("sampling/prompts", static_cast<double>(sampled_prompts));
}

void add_failure_metrics(const reward::RewardFunction& reward,
                         std::span<const reward::FailureCounts> failures, Metrics& metrics) {
  const auto& terms = reward.terms();
  for (std::size_t t = 0; t < terms.size(); ++t) {
    for (const auto& [failure, name] : failures_of(terms[t].kind)) {
      metrics.set(core::concat(term_name(terms, t), "/", name),
                  static_cast<double>(failures[t][static_cast<std::size_t>(failure)]));
    }
  }
}

void add_set_metrics(const Batch& batch, const Task& task, Metrics& metrics) {
  if (task.sets().size() < 2) return;
  std::vector<double> prompts(task.sets().size()), rewards(prompts.size()), responses(prompts.size());
  for (std::size_t g = 0; g < batch.example.size(); ++g) {
    const std::size_t set = task.set_of(batch.example[g]);
    ++prompts[set];
    for (auto r = batch.forest.group_response[g]; r < batch.forest.group_response[g + 1]; ++r) {
      rewards[set] += static_cast<double>(batch.rewards[static_cast<std::size_t>(r)]);
      ++responses[set];
    }
  }
  for (std::size_t set = 0; set < prompts.size(); ++set) {
    const std::string name = core::concat("data/", task.sets()[set].name);
    metrics.set(core::concat(name, "/prompts"), prompts[set]);
    metrics.set(core::concat(name, "/reward"), ratio(rewards[set], responses[set]));
  }
}

void add_update_metrics(std::span<const UpdateReport> updates, Metrics& metrics) {
  objective::LossStats stats;
  double loss = 0, grad_norm = 0, trained = 0;
  for (const UpdateReport& update : updates) {
    stats += update.stats;
    loss += update.loss;
    grad_norm += update.grad_norm;
    trained += static_cast<double>(update.trained_tokens);
  }
  const auto count = static_cast<double>(updates.size());
  metrics.set("loss", ratio(loss, count));
  metrics.set("grad_norm", ratio(grad_norm, count));
  metrics.set("kl", ratio(stats.kl, stats.tokens));
  metrics.set("clip_ratio/low_mean", ratio(stats.clipped_low, stats.tokens));
  metrics.set("clip_ratio/high_mean", ratio(stats.clipped_high, stats.tokens));
  metrics.set("clip_ratio/region_mean", ratio(stats.clipped_low + stats.clipped_high, stats.tokens));
  metrics.set("clip_ratio/dual_mean", ratio(stats.clipped_dual, stats.tokens));
  // Later updates of a batch differ by intent: the first tells how well sampler and trainer agree.
  metrics.set("sampling/logp_difference_max",
              updates.empty() ? 0 : updates.front().stats.logp_difference_max);
  metrics.set("tree/trained_tokens", trained);
}

void add_tree_metrics(const tree::Forest& forest, Metrics& metrics) {
  const TreeCounts counts = count_nodes(forest);
  metrics.set("tree/unique_token_ratio", ratio(counts.response_nodes, counts.response_tokens));
  metrics.set("tree/branch_tokens", ratio(counts.branch_tokens, counts.response_tokens));
  metrics.set("tree/prompt_share", ratio(counts.prompt_nodes, counts.prompt_nodes + counts.response_nodes));
}

void add_time_metrics(const PhaseTimer& timer, Metrics& metrics) {
  metrics.set("step_time", timer.total());
  for (const auto& [phase, seconds] : timer.phases()) metrics.set(core::concat("time/", phase), seconds);
}

}  // namespace tempo::train
