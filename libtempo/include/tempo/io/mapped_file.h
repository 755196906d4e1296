// A file mapped into memory for reading.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace tempo::io {

// Owns a read-only mapping of a whole file. Pages are read on first use, so opening a large file costs
// nothing. The file must not shrink while it is mapped: a touched page beyond its new end kills the process.
// Files that this library replaces are renamed over, so an old mapping keeps its content.
class MappedFile {
 public:
  // Throws tempo::Error when path is missing, unreadable, or not a regular file.
  static MappedFile open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // Valid while this object, or the one it was moved into, lives. The first byte is page aligned.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

}  // namespace tempo::io
