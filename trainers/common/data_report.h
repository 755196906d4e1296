// What is told about data before work begins: sizes, what was left out, problems that stand twice.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/data_config.h"
#include "tempo/train/task.h"

namespace tempo::common {

// Returns a line for each set of the task: its file, the problems in use, the counts of those left out and of
// those that stand twice in it.
std::vector<std::string> describe_sets(const train::Task& task);

// Compares the training problems with each other and with those of the evaluation sets, and leaves those out
// that stand in an evaluation set if the policy is to. Returns lines for what was found, none for nothing.
// Throws tempo::Error where the policy says so, and when no problem of a training set is left.
std::vector<std::string> settle_duplicates(train::Task& training,
                                           std::span<const train::Task* const> evaluations,
                                           DuplicatePolicy policy);

}  // namespace tempo::common
