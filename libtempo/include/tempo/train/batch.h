// The samples of one step: a forest, its responses as text, and what they earned.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tempo/model/model.h"
#include "tempo/reward/reward.h"
#include "tempo/rollout/sampler.h"
#include "tempo/train/task.h"
#include "tempo/tree/forest.h"

namespace tempo::train {

// G groups and R responses; responses in the forest's order.
struct Batch {
  tree::Forest forest;
  std::vector<std::int64_t> example;    // [G] index in the task
  std::vector<std::string> text;        // [R]
  std::vector<reward::Score> scores;    // [R]
  std::vector<float> rewards;           // [R] totals of the scores
  std::vector<std::uint8_t> truncated;  // [R] 1: cut at the length limit
  std::int32_t max_tokens = 0;          // that limit; 0: not known

  std::int32_t groups() const { return forest.groups(); }
};

// Throws tempo::Error, naming data and example, unless the model can answer every prompt of the task: all its
// tokens are in the vocabulary, and prompt and response together fit its positions.
void check_fit(const model::ModelConfig& config, const Task& task, const rollout::SamplingOptions& sampling);

// Returns `responses` samples of each of the examples, without rewards.
Batch roll_out(const model::Model& model, const Task& task, std::span<const std::int64_t> examples,
               std::int32_t responses, const rollout::SamplingOptions& sampling,
               const rollout::SamplingKey& key, const rollout::Progress& progress = {});

// Fills scores and rewards. Throws tempo::Error as RewardFunction::score does.
void score_responses(const Task& task, Batch& batch);

// Returns true if not all rewards of the group are equal: only such a group has a gradient.
bool has_signal(const Batch& batch, std::int32_t group);

// A group of some batch.
struct BatchGroup {
  const Batch* batch;
  std::int32_t group;
};

// Returns a batch of the given groups, in order.
Batch gather(std::span<const BatchGroup> groups);

}  // namespace tempo::train
