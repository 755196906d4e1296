// What a step's metrics are computed from; docs/metrics.md explains each name.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/train/batch.h"
#include "tempo/train/metrics.h"
#include "tempo/train/phase_timer.h"
#include "tempo/train/update.h"

namespace tempo::train {

// Returns the tokens of all sequences, as if each response stood with a prompt of its own.
std::int64_t sampled_tokens(const tree::Forest& forest);

// reward*, rewards/*, frac_reward_zero_std, completions/*, entropy, sampling/prompts.
void add_batch_metrics(const Batch& batch, const reward::RewardFunction& reward, std::int64_t sampled_prompts,
                       Metrics& metrics);

// rewards/*/timeouts and the like, of the terms that can fail. failures: [terms].
void add_failure_metrics(const reward::RewardFunction& reward,
                         std::span<const reward::FailureCounts> failures, Metrics& metrics);

// data/*, for a task of several data sets.
void add_set_metrics(const Batch& batch, const Task& task, Metrics& metrics);

// loss, kl, clip_ratio/*, grad_norm, sampling/logp_difference_max.
void add_update_metrics(std::span<const UpdateReport> updates, Metrics& metrics);

// tree/*.
void add_tree_metrics(const tree::Forest& forest, Metrics& metrics);

// step_time and time/* in seconds.
void add_time_metrics(const PhaseTimer& timer, Metrics& metrics);

}  // namespace tempo::train
