#include "fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace tempo::fuzz {

void require(bool holds, std::string_view what, std::string_view got) {
  if (holds) return;
  std::fprintf(stderr, "expected %.*s, got: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(got.size()), got.data());
  std::abort();
}

MemoryFile::MemoryFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
  require(descriptor_ >= 0, "a file in memory");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

const std::filesystem::path& MemoryFile::write(std::string_view bytes) const {
  require(::ftruncate(descriptor_, static_cast<off_t>(bytes.size())) == 0, "a file of the input's size");
  const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), 0);
  require(written == static_cast<ssize_t>(bytes.size()), "a file with the whole input");
  return path_;
}

MemoryFolder::MemoryFolder(const std::vector<std::string>& names) : files_(names.size()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tempo-fuzz-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, "a temporary folder");
  path_ = pattern;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::filesystem::create_symlink(files_[i].path(), path_ / names[i]);
  }
}

MemoryFolder::~MemoryFolder() { std::filesystem::remove_all(path_); }

}  // namespace tempo::fuzz
