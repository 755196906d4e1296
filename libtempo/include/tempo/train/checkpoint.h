// What a run is between two steps, on the disk: all that is needed to go on as if it had never ended
// (docs/checkpoint_format.md).
#pragma once

#include <filesystem>
#include <string>

#include "tempo/model/model.h"
#include "tempo/train/checkpoint_state.h"
#include "tempo/train/sharded_adamw.h"

namespace tempo::train {

// Writes the checkpoint into the folder, which is not there or was left unfinished; every rank of the
// optimiser's group its part, the manifest last, so that what has a manifest is whole. Collective; the folder
// is one for all ranks. Throws tempo::Error, naming the file, when the system cannot write; what has been
// written is no checkpoint then.
void write_checkpoint(const std::filesystem::path& folder, const CheckpointState& state,
                      const model::Model& model, const ShardedAdamW& optimizer);

// Returns what is wrong with a checkpoint, in one line that names the file; empty: nothing, all checksums
// agree. Reads all of it.
std::string checkpoint_damage(const std::filesystem::path& folder);

// Throw tempo::Error, naming the file, for what is no checkpoint of this format, or another model's. Neither
// looks at checksums.
CheckpointState read_checkpoint_state(const std::filesystem::path& folder);
// Fills the weights and the optimiser's state, on whatever number of ranks the checkpoint was written.
void restore_checkpoint(const std::filesystem::path& folder, const model::Model& model,
                        ShardedAdamW& optimizer);

}  // namespace tempo::train
