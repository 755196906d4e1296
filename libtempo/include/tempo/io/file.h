// Whole-file reading, and writing that never leaves a half-written file under its final name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "tempo/io/digest.h"

namespace tempo::io {

// Returns the file's bytes. Throws tempo::Error when path is missing, unreadable, or not a regular file.
std::string read_text(const std::filesystem::path& path);

// A file that appears under its name only when it is complete: bytes go to a temporary name in the same
// folder; commit() syncs them to the disk and renames. Destroyed without commit(), it leaves nothing behind.
class AtomicFile {
 public:
  // Throws tempo::Error when the folder is missing or not writable.
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends bytes. Throws tempo::Error when the system cannot write, for example on a full disk.
  void write(std::span<const std::byte> bytes);

  // Puts the file under its final name, replacing an older one, and returns what it holds. To be called once,
  // last.
  FileDigest commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  Digest digest_;
};

// Replace the file by the given bytes, all or nothing. Throw tempo::Error as AtomicFile does.
FileDigest write_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
FileDigest write_text_atomically(const std::filesystem::path& path, std::string_view text);

// Makes the folder and those above it that are not there, so that they last through a loss of power. Throws
// tempo::Error when the system cannot.
void make_folders(const std::filesystem::path& folder);

// Makes what was written to the file so far last through a loss of power. Throws tempo::Error when the system
// cannot.
void sync_file(const std::filesystem::path& path);

}  // namespace tempo::io
