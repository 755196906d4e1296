// Reads a file of JSON lines, or standard input, line by line.
#pragma once

#include <fstream>
#include <istream>
#include <string>

namespace tempo::common {

class LineReader {
 public:
  // Reads the file, or standard input for "-". Throws tempo::Error when the file cannot be opened.
  explicit LineReader(const std::string& file);

  // Fills the next line and returns true, or false at the end; empty lines are passed over.
  // Throws tempo::Error when reading fails.
  bool next(std::string& line);

  // Returns "FILE:LINE" of the line read last.
  std::string place() const;

 private:
  std::string name_;
  std::ifstream file_;
  std::istream* input_;
  std::size_t number_ = 0;
};

}  // namespace tempo::common
