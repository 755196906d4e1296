// The manifest of a checkpoint: its files with their sizes and checksums. Written last.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tempo/io/digest.h"

namespace tempo::train {

inline constexpr const char* kManifestFile = "manifest.json";

using Manifest = std::map<std::string, io::FileDigest>;  // by name in the folder

void write_manifest(const std::filesystem::path& folder, const Manifest& files);

// Throws tempo::Error, naming the file, when there is none or it is none of this format.
Manifest read_manifest(const std::filesystem::path& folder);

}  // namespace tempo::train
