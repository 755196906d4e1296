// Reads tempo-tree's input line by line.
#pragma once

#include <string>

#include "common/line_reader.h"
#include "tempo_tree/group.h"

namespace tempo::programs {

class GroupReader {
 public:
  // Reads the file, or standard input for "-". Throws tempo::Error when the file cannot be opened.
  explicit GroupReader(const std::string& file);

  // Fills the next line's group and returns true, or false at the end; empty lines are passed over.
  // Throws tempo::Error that begins "FILE:LINE: ".
  bool next(Group& group);

  // Returns "FILE:LINE" of the line read last.
  std::string place() const;

 private:
  common::LineReader lines_;
  std::string line_;
};

}  // namespace tempo::programs
