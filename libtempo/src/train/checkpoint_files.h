// The JSON files of a checkpoint (docs/checkpoint_format.md), written and read without libtorch.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tempo/io/digest.h"
#include "tempo/train/checkpoint_state.h"

namespace tempo::train {

inline constexpr const char *kManifestFile = "manifest.json", *kStateFile = "state.json";

using Manifest = std::map<std::string, io::FileDigest>;  // by name in the folder

std::string manifest_text(const Manifest& files);
// Metrics that are not finite are left out: JSON has no such number.
std::string state_text(const CheckpointState& state);

// Throw tempo::Error "WHERE: expected ..." for what the others do not write.
Manifest parse_manifest(std::string_view where, std::string_view text);
CheckpointState parse_state(std::string_view where, std::string_view text);

}  // namespace tempo::train
