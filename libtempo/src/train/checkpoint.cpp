#include "tempo/train/checkpoint.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <vector>

#include "checkpoint_files.h"
#include "checkpoint_shard.h"
#include "tempo/core/error.h"
#include "tempo/core/hex.h"
#include "tempo/io/file.h"
#include "wire.h"

namespace tempo::train {
namespace {

namespace fs = std::filesystem;

Manifest read_manifest(const fs::path& folder) {
  const auto path = folder / kManifestFile;
  return parse_manifest(path.string(), io::read_text(path));
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected a folder that can be removed, got ", error.message());
  io::make_folders(folder);
}

std::vector<fs::path> shards_of(const fs::path& folder) {
  std::vector<fs::path> shards;
  for (const auto& [name, digest] : read_manifest(folder))
    if (name.ends_with(".safetensors")) shards.push_back(folder / name);
  return shards;
}

}  // namespace

void write_checkpoint(const fs::path& folder, const CheckpointState& state, const model::Model& model,
                      const ShardedAdamW& optimizer) {
  dist::Group& group = optimizer.group();
  const int size = group.size();
  if (group.rank() == 0) make_folder(folder);
  group.exchange("", "checkpoint folder");
  const auto digest = write_shard(folder / shard_name(group.rank(), size), model, optimizer);
  const auto digests = group.exchange(to_wire(digest), "checkpoint shards");
  if (group.rank() == 0) {
    Manifest manifest;
    for (int rank = 0; rank < size; ++rank)
      manifest[shard_name(rank, size)] = from_wire<io::FileDigest>(digests[static_cast<std::size_t>(rank)]);
    manifest[kStateFile] = io::write_text_atomically(folder / kStateFile, state_text(state));
    io::write_text_atomically(folder / kManifestFile, manifest_text(manifest));
  }
  group.exchange("", "checkpoint manifest");
}

std::string checkpoint_damage(const fs::path& folder) {
  try {
    for (const auto& [name, expected] : read_manifest(folder)) {
      const auto path = folder / name;
      const io::FileDigest found = io::digest_file(path);
      TEMPO_CHECK(found.size == expected.size, path.string(), ": expected ", expected.size, " bytes, got ",
                  found.size);
      TEMPO_CHECK(found.xxh3 == expected.xxh3, path.string(), ": expected checksum ",
                  core::hex_text(expected.xxh3), ", got ", core::hex_text(found.xxh3));
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

CheckpointState read_checkpoint_state(const fs::path& folder) {
  const auto path = folder / kStateFile;
  return parse_state(path.string(), io::read_text(path));
}

void restore_checkpoint(const fs::path& folder, const model::Model& model, ShardedAdamW& optimizer) {
  const at::NoGradGuard no_grad;
  const ShardIndex shards(shards_of(folder));
  for (const model::Parameter& parameter : model.parameters())
    read_shards(shards, parameter.name, "weight", 0, parameter.tensor);

  optim::AdamWState state = optimizer.state();  // shares its memory: filled in place
  for (std::size_t i = 0; i < optimizer.ranges().size(); ++i) {
    const OwnedRange& range = optimizer.ranges()[i];
    const model::Parameter& parameter = model.parameters()[range.parameter];
    read_shards(shards, parameter.name, "moment1", range.begin, state.moment1[i]);
    read_shards(shards, parameter.name, "moment2", range.begin, state.moment2[i]);
    if (const char* const field = master_field(parameter.tensor.scalar_type()))
      read_shards(shards, parameter.name, field, range.begin, state.master[i]);
    state.updates[i] = shards.updates(parameter.name, range.begin);
    state.steps = std::max(state.steps, state.updates[i]);
  }
  optimizer.restore(state);
}

}  // namespace tempo::train
