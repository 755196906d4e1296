// tempo-train --plan: the memory that a run will need, before it is started.
#pragma once

#include <cstdint>
#include <span>

#include "common/run_config.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/task.h"

namespace tempo::programs {

// Reads the shape of the model, computes the peak memory of the run, of each process when there are several,
// and prints it part by part, then the biggest micro-batch that fits into `memory` bytes, and what would help
// when none does. Throws tempo::Error where the run would refuse the model's shape or the data, and for a
// model that is not on a CPU.
void print_plan(const common::RunConfig& config, const train::Task& task,
                std::span<const train::EvaluationSet> sets, int ranks, std::int64_t memory);

}  // namespace tempo::programs
