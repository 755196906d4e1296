// Whether two runs are the same: the ranks of one, or one and the checkpoint that it goes on from.
#pragma once

#include <string>

#include "tempo/dist/group.h"
#include "tempo/train/checkpoint.h"
#include "tempo/train/task.h"

namespace tempo::common {

// config: resolved. Keys that change no number of a run are left out of its fingerprint: output, distributed,
// model.threads, model.device and sampling.max_concurrent_responses; and so are train.steps and train.epochs,
// as a run may be made longer.
train::RunIdentity identity_of(const std::string& config, const train::Task& task);

// Returns what differs, "train.seed: expected 0, got 1"; empty: nothing that matters. The version alone does
// not.
std::string difference(const train::RunIdentity& expected, const train::RunIdentity& found);

// Throws tempo::Error, naming the rank, unless all ranks are of the same run, and version. Collective.
void check_same_on_ranks(dist::Group& group, const train::RunIdentity& identity);

}  // namespace tempo::common
