// From a launch to the group of a program's processes.
#pragma once

#include <functional>
#include <string>

#include "common/launch.h"
#include "common/run_config.h"
#include "tempo/dist/group.h"

namespace tempo::common {

// Gives this process its device and its share of the machine's cores, where the configuration leaves them
// open. To be called before anything uses them.
void place_process(const Launch& launch, ModelSection& model);

// Returns the group, when all have come. A failure elsewhere ends this process with status 1, where it is not
// in a collective.
dist::Group meet(const Launch& launch, const ModelSection& model, const DistributedSection& section);

// Runs the work of a rank. Its error is told to the others before it is thrown on. An error that another rank
// has told is thrown on where a user sees it, by rank 0, or by rank 1 about rank 0; elsewhere the process
// ends with status 1.
void run_as_rank(dist::Group& group, const std::function<void()>& work);

}  // namespace tempo::common
