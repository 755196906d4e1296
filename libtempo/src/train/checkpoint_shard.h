// The tensors of a checkpoint, each rank's in a file of its own, by parameter and range, so that any number
// of ranks can read them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "shard_index.h"
#include "tempo/io/digest.h"
#include "tempo/model/model.h"
#include "tempo/train/sharded_adamw.h"

namespace tempo::train {

// Returns the field of what the optimiser keeps of a weight beside it; null: nothing.
const char* master_field(at::ScalarType dtype);

// Returns shard-RANK-of-SIZE.safetensors.
std::string shard_name(int rank, int size);

// Writes what a rank keeps. Tensors "PARAMETER[BEGIN:END].FIELD", flat: weight; moment1 and moment2;
// remainder (bfloat16) or master (float16); updates, one number.
io::FileDigest write_shard(const std::filesystem::path& path, const model::Model& model,
                           const ShardedAdamW& optimizer);

// Fills out, on any device, with numbers [begin, begin + out's) of a field of a parameter. Throws
// tempo::Error when the shards lack some, or hold another dtype.
void read_shards(const ShardIndex& shards, const std::string& parameter, const std::string& field,
                 std::int64_t begin, const at::Tensor& out);

}  // namespace tempo::train
