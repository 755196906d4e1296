#include "tempo/train/line_file.h"

#include <utility>

#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::train {

namespace {

std::filesystem::path cut(std::filesystem::path path, std::uint64_t bytes) {
  std::error_code error;
  const std::uint64_t found = std::filesystem::file_size(path, error);
  TEMPO_CHECK(!error && found >= bytes, path.string(), ": expected the ", bytes,
              " bytes that the checkpoint knows of, got ", error ? 0 : found);
  std::filesystem::resize_file(path, bytes, error);
  TEMPO_CHECK(!error, path.string(), ": expected a file that can be written, got ", error.message());
  return path;
}

}  // namespace

LineFile::LineFile(std::filesystem::path path, std::uint64_t bytes)
    : LineFile(cut(std::move(path), bytes), Start::kAtEnd) {}

LineFile::LineFile(std::filesystem::path path, Start start)
    : path_(std::move(path)), out_(path_, start == Start::kAnew ? std::ios::trunc : std::ios::app) {
  TEMPO_CHECK(out_.is_open(), path_.string(), ": expected a file that can be written");
}

void LineFile::append(std::string_view text) {
  out_ << text << '\n';
  out_.flush();
  TEMPO_CHECK(out_.good(), path_.string(), ": could not write (is the disk full?)");
}

std::uint64_t LineFile::sync() {
  io::sync_file(path_);
  return std::filesystem::file_size(path_);
}

}  // namespace tempo::train
