// Files of the io tests: golden ones, and a folder that goes away with its owner.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/io/weights.h"

namespace tempo::testing {

inline std::filesystem::path golden(std::string_view name) {
  return std::filesystem::path(TEMPO_GOLDEN_DIR) / "io" / name;
}

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tempo-io-XXXXXX").string();
    TEMPO_CHECK(::mkdtemp(pattern.data()), pattern, ": cannot create");
    folder_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }

  // Writes a file of the folder, without waiting for the disk, and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    auto path = folder_ / name;
    std::filesystem::remove(path);  // some file systems wait for the disk when a file is overwritten
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    file.close();
    TEMPO_CHECK(file, path.string(), ": cannot write");
    return path;
  }

 private:
  std::filesystem::path folder_;
};

// Returns all values of a tensor.
inline std::vector<float> values_of(const io::WeightSource& weights, std::string_view name) {
  std::size_t count = 1;
  for (const std::int64_t size : weights.shape(name)) count *= static_cast<std::size_t>(size);
  std::vector<float> values(count);
  weights.read(name, values);
  return values;
}

// Calls f and returns the text of the tempo::Error that it throws, or "nothing thrown".
template <typename F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing thrown";
}

}  // namespace tempo::testing
