// The JSON texts of safetensors files: a file's header and the index of a sharded model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/io/weights.h"

namespace tempo::io {

struct SafetensorsEntry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  // of the file
};

// Returns the file's tensors in the order of their bytes.
// Throws tempo::Error, starting with location, when the file does not follow the format: among others, the
// tensors must cover all bytes after the header, without a hole or an overlap.
std::vector<SafetensorsEntry> parse_safetensors(std::string_view location, std::span<const std::byte> file);

// Returns the shard's file name of each tensor from the text of model.safetensors.index.json.
// Throws tempo::Error, starting with location, for another format or a shard outside the index's folder.
std::map<std::string, std::string> parse_safetensors_index(std::string_view location, std::string_view text);

}  // namespace tempo::io
