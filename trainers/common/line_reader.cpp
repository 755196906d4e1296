#include "common/line_reader.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "tempo/core/error.h"

namespace tempo::common {

LineReader::LineReader(const std::string& file) : name_(file), input_(&file_) {
  if (file == "-") {
    name_ = "stdin";
    input_ = &std::cin;
    return;
  }
  TEMPO_CHECK(!std::filesystem::is_directory(file), file, ": expected a file of JSON lines, got a folder");
  errno = 0;
  file_.open(file);
  TEMPO_CHECK(file_.is_open(), file, ": expected a file that can be read, got: ", std::strerror(errno));
}

bool LineReader::next(std::string& line) {
  while (std::getline(*input_, line)) {
    ++number_;
    if (line.find_first_not_of(" \t\r") != std::string::npos) return true;
  }
  TEMPO_CHECK(!input_->bad(), place(), ": expected to read on, got a read error");
  return false;
}

std::string LineReader::place() const { return core::concat(name_, ":", number_); }

}  // namespace tempo::common
