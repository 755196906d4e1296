// What a run does with the run that its output folder holds already: goes on with it, begins it again, or
// replaces it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/run_config.h"
#include "tempo/train/run.h"

namespace tempo::programs {

struct Beginning {
  std::optional<train::ResumePoint> point;  // where the run goes on; none: it begins
  bool replaces = false;                    // what the folder holds
  std::vector<std::string> notes;           // for the user, a line each
};

// Reads the folder; to be called on rank 0, which has locked it. total_steps: of this run. Throws
// tempo::Error when the folder holds another run, or a finished one, that may not be replaced.
Beginning find_beginning(const common::RunConfig& config, const train::RunIdentity& identity,
                         std::int64_t total_steps);

}  // namespace tempo::programs
