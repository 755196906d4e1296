// Files of JSON lines for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "tempo/core/error.h"
#include "tempo/data/dataset.h"

namespace tempo::testing {

// A file with the given bytes that lives as long as the object.
class TextFile {
 public:
  explicit TextFile(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("tempo_data_" + std::to_string(std::random_device{}()) + ".jsonl")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Returns the error's text after the file's name, or "read" if there was none.
inline std::string error_of(const std::string& bytes, const data::DatasetOptions& options = {}) {
  const TextFile file(bytes);
  try {
    data::read_examples(file.path(), options);
    return "read";
  } catch (const Error& error) {
    return std::string(error.what()).substr(file.path().string().size());
  }
}

}  // namespace tempo::testing
