// What the answers to a set say about a model: docs/evaluation.md explains each number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tempo/train/answers.h"
#include "tempo/train/statistics.h"
#include "tempo/train/task.h"

namespace tempo::train {

// Of the greedy answers of a set, or of its samples.
struct AnswerStatistics {
  std::int32_t samples = 1;  // a problem
  Estimate accuracy;         // share of right answers (reward::Score::correct): mean@n
  std::vector<std::pair<std::int32_t, Estimate>> pass_at, majority_at;  // by k: reported_k(samples)
  double mean_length = 0;                                               // tokens of a response
  double truncated = 0;   // share of responses cut at the length limit
  double unanswered = 0;  // share of responses in which no answer was found
};

// Of the problems of one subject or level.
struct GroupStatistics {
  std::string name;
  std::int64_t problems = 0;
  std::optional<Estimate> greedy{}, sampled{};  // accuracies
};

struct SetStatistics {
  std::int64_t problems = 0;
  std::optional<AnswerStatistics> greedy, sampled;
  std::vector<GroupStatistics> subjects, levels;  // by name; empty where the set has none

  // What a single number is taken from: the samples, else the greedy answers.
  const AnswerStatistics& main() const { return sampled ? *sampled : *greedy; }
};

// Returns the statistics of scored answers: for each problem of the task, in order, one greedy answer, or the
// same number of samples, or both, the greedy ones of all problems first. Throws tempo::Error otherwise.
SetStatistics statistics_of(const Task& task, std::span<const Answer> answers);

}  // namespace tempo::train
