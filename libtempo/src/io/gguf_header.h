// The part of a GGUF file that stands before its tensors' bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/io/gguf.h"

namespace tempo::io {

struct GgufTensorEntry {
  std::string name;
  GgmlType type = GgmlType::kF32;
  std::vector<std::int64_t> shape;  // row-major, outermost first
  std::uint64_t offset = 0;         // from the start of the data
  std::uint64_t size = 0;           // in bytes
};

struct GgufHeader {
  std::map<std::string, Gguf::Value, std::less<>> metadata;
  std::vector<GgufTensorEntry> tensors;  // in the file's order
  std::uint64_t alignment = 0;           // of the data, and of each tensor in it
  std::size_t size = 0;                  // bytes from the start of the file to the end of the header
};

// Throws tempo::Error, starting with location, when the header does not follow the format. Where the tensors
// lie is not checked.
GgufHeader parse_gguf_header(std::string_view location, std::span<const std::byte> file);

}  // namespace tempo::io
