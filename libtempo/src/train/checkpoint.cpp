#include "tempo/train/checkpoint.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "checkpoint_manifest.h"
#include "checkpoint_shard.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/train/fingerprint.h"
#include "wire.h"

namespace tempo::train {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kStateFile = "state.json";

Json to_json(const CheckpointState& state) {
  Json metrics = Json::object();  // JSON has no number that is not finite
  for (const auto& [name, value] : state.metrics)
    if (std::isfinite(value)) metrics[name] = value;
  return {{"step", state.trainer.step},
          {"cursor", state.trainer.cursor},
          {"updates", state.trainer.updates},
          {"num_tokens", state.trainer.num_tokens},
          {"evaluated", state.evaluated},
          {"logs", state.logs},
          {"metrics", metrics},
          {"version", state.identity.version},
          {"data", fingerprint_text(state.identity.data)},
          {"config_fingerprint", fingerprint_text(state.identity.config_fingerprint)},
          {"config", state.identity.config}};
}

CheckpointState to_state(const Json& json) {
  const auto fingerprint = [&](const char* key) {
    return std::stoull(json.at(key).get<std::string>(), nullptr, 16);
  };
  return {.trainer = {.step = json.at("step").get<std::int64_t>(),
                      .cursor = json.at("cursor").get<std::int64_t>(),
                      .updates = json.at("updates").get<std::int64_t>(),
                      .num_tokens = json.at("num_tokens").get<std::int64_t>()},
          .evaluated = json.at("evaluated").get<bool>(),
          .logs = json.at("logs").get<std::map<std::string, std::uint64_t>>(),
          .metrics = json.at("metrics").get<std::map<std::string, double>>(),
          .identity = {.version = json.at("version").get<std::string>(),
                       .config = json.at("config").get<std::string>(),
                       .data = fingerprint("data"),
                       .config_fingerprint = fingerprint("config_fingerprint")}};
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
    manifest[kStateFile] = io::write_text_atomically(folder / kStateFile, to_json(state).dump(1) + "\n");
    write_manifest(folder, manifest);
  }
  group.exchange("", "checkpoint manifest");
}

CheckpointState read_checkpoint_state(const fs::path& folder) {
  const auto path = folder / kStateFile;
  const std::string text = io::read_text(path);
  try {
    return to_state(Json::parse(text));
  } catch (const std::exception&) {
    core::fail(path.string(), ": expected the state of a run, got something else");
  }
}

void restore_checkpoint(const fs::path& folder, const model::Model& model, ShardedAdamW& optimizer) {
  const at::NoGradGuard no_grad;
  const auto shards = shards_of(folder);
  const ShardReader reader(shards);
  for (const model::Parameter& parameter : model.parameters())
    reader.read(parameter.name, "weight", 0, parameter.tensor);

  optim::AdamWState state = optimizer.state();  // shares its memory: filled in place
  for (std::size_t i = 0; i < optimizer.ranges().size(); ++i) {
    const OwnedRange& range = optimizer.ranges()[i];
    const model::Parameter& parameter = model.parameters()[range.parameter];
    reader.read(parameter.name, "moment1", range.begin, state.moment1[i]);
    reader.read(parameter.name, "moment2", range.begin, state.moment2[i]);
    if (const char* const field = master_field(parameter.tensor.scalar_type()))
      reader.read(parameter.name, field, range.begin, state.master[i]);
    state.updates[i] = reader.updates(parameter.name, range.begin);
    state.steps = std::max(state.steps, state.updates[i]);
  }
  optimizer.restore(state);
}

}  // namespace tempo::train
