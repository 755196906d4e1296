// Saving with the size of a shard as a parameter.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <span>

#include "tempo/model/model.h"

namespace tempo::model {

// Shards of Hugging Face checkpoints are at most this large, unless one tensor is larger.
inline constexpr std::int64_t kShardBytes = 5'000'000'000;

// As save_model; weights above shard_bytes are split into shards, in order, with an index.
void save_shards(const Model& model, std::span<const at::Tensor> values, const std::filesystem::path& folder,
                 at::ScalarType dtype, std::int64_t shard_bytes);

}  // namespace tempo::model
