// A text file that grows line by line.
#pragma once

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
  void append(std::string_view line);

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace tempo::train
