// A text file that grows line by line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace tempo::train {

// Each line is on its way to the disk when append returns.
class LineFile {
 public:
  enum class Start { kAnew, kAtEnd };

  // Starts the file anew, or goes on at its end. Throws tempo::Error when it cannot be written.
  explicit LineFile(std::filesystem::path path, Start start = Start::kAnew);
  // Goes on behind the first `bytes` of the file; drops what follows. Throws tempo::Error, too, when it has
  // fewer.
  LineFile(std::filesystem::path path, std::uint64_t bytes);

  void append(std::string_view line);

  // Makes the lines last through a loss of power and returns the bytes of the file. Throws tempo::Error when
  // the system cannot.
  std::uint64_t sync();

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace tempo::train
