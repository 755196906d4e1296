// Results of an evaluation as Markdown, to be read as text too.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tempo/train/evaluate.h"

namespace tempo::programs {

// What was measured on one set.
struct SetResult {
  const train::EvaluationSet* set = nullptr;
  train::SetStatistics statistics;
};

// Returns a Markdown table, columns as wide as their texts; numbers stand right. The first row is the head,
// the first column text. Requires: rows of one length.
std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

// Returns one row a set: accuracies in percent with their 95 % intervals, and lengths.
std::string overview(std::span<const SetResult> results);

// Returns pass@k and maj@k by k, and accuracies by subject and level, each set under its name.
std::string details(std::span<const SetResult> results);

// "12.5 [8.6, 17.8]": percent.
std::string percent_with_interval(const train::Estimate& estimate);

}  // namespace tempo::programs
