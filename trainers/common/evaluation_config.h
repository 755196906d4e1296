// The evaluation section of a configuration: which sets a model is measured on, and how.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/reader.h"
#include "tempo/data/dataset.h"
#include "tempo/reward/reward.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/task.h"

namespace tempo::common {

struct RunConfig;

struct EvaluationSetConfig {
  std::string name{};            // empty: the data file's name without its ending
  std::filesystem::path data{};  // JSON lines
  bool in_distribution = true;   // like the training data; for reports
  std::int64_t random_rows = 0;  // that many rows, drawn by a fixed seed; 0: all
  data::DatasetOptions rows;     // its limit is applied before
  train::TaskOptions task;
  std::vector<reward::RewardTerm> rewards;
  train::EvaluationOptions options;

  // Throws tempo::Error naming the field.
  void validate() const;
};

struct EvaluationSection {
  std::filesystem::path data;  // of the only set, where there is no list
  std::vector<EvaluationSetConfig> sets;
  bool named = false;  // the sets stand in a list: their metrics have their names

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Reads the section into config.evaluation. What it does not say is as in config.data, config.rewards and
// config.train.sampling, which must have been read.
void bind_evaluation(config::Reader& reader, RunConfig& config);

}  // namespace tempo::common
