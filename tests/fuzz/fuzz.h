// What the fuzz targets share: an input taken apart into arguments, files that hold it, and what must hold
// whatever the input was.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/core/error.h"

// Every target defines this; it takes one input. A crash, an exception, a report of a sanitizer, an input
// that takes longer than scripts/fuzz.sh allows or more memory are findings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tempo::fuzz {

// Prints what did not hold and aborts unless it does.
void require(bool holds, std::string_view what, std::string_view got = {});

// True for a text without control bytes: no line break, no NUL, no escape sequence of a terminal.
inline bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Calls f. tempo::Error is a right answer to bad input, in one line; anything else thrown is a finding.
template <typename F>
void run(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    require(is_one_line(error.what()), "an error in one line", error.what());
  }
}

// The arguments that an input holds, one after another; zeros and empty texts when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }

  template <typename T>
  T number() {
    T value{};
    const std::size_t size = std::min(sizeof(T), rest_.size());
    std::memcpy(&value, rest_.data(), size);
    rest_.remove_prefix(size);
    return value;
  }

  // The text up to the next separator, a byte that texts do not need.
  std::string_view part() {
    constexpr char kSeparator = '\x1e';
    const std::string_view text = rest_.substr(0, rest_.find(kSeparator));
    rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
    return text;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// A file in memory, for what can only be read from a path.
class MemoryFile {
 public:
  MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();

  // Replaces the content and returns the path.
  const std::filesystem::path& write(std::string_view bytes) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  int descriptor_;
  std::filesystem::path path_;
};

// A folder whose files lie in memory.
class MemoryFolder {
 public:
  explicit MemoryFolder(const std::vector<std::string>& names);
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  ~MemoryFolder();

  // Replaces the content of the file at this place in `names`.
  void write(std::size_t file, std::string_view bytes) const { files_[file].write(bytes); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::vector<MemoryFile> files_;
  std::filesystem::path path_;
};

}  // namespace tempo::fuzz
