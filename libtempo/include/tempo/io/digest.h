// Checksums of files: XXH3 of 64 bits, against damage, not against intent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace tempo::io {

// What a file holds.
struct FileDigest {
  std::uint64_t size = 0;  // bytes
  std::uint64_t xxh3 = 0;  // of all of them

  bool operator==(const FileDigest&) const = default;
};

// The digest of bytes that come one after another.
class Digest {
 public:
  Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest();

  void add(std::span<const std::byte> bytes);
  FileDigest value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::uint64_t size_ = 0;
};

// Reads a file. Throws tempo::Error when it is missing, unreadable, or not a regular file.
FileDigest digest_file(const std::filesystem::path& path);

}  // namespace tempo::io
