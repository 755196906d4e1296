#include "tempo/train/line_file.h"

#include <utility>

#include "tempo/core/error.h"

namespace tempo::train {

LineFile::LineFile(std::filesystem::path path, Start start)
    : path_(std::move(path)), out_(path_, start == Start::kAnew ? std::ios::trunc : std::ios::app) {
  TEMPO_CHECK(out_.is_open(), path_.string(), ": expected a file that can be written");
}

void LineFile::append(std::string_view text) {
  out_ << text << '\n';
  out_.flush();
  TEMPO_CHECK(out_.good(), path_.string(), ": could not write (is the disk full?)");
}

}  // namespace tempo::train
