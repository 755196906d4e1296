#include "tempo/io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <utility>

#include "descriptor.h"

namespace tempo::io {
namespace {

void unmap(std::span<const std::byte> bytes) {
  if (!bytes.empty()) ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
}

}  // namespace

MappedFile MappedFile::open(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) fail_with_errno(path, "open");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail_with_errno(path, "read the size");
  TEMPO_CHECK(S_ISREG(status.st_mode), path.string(), ": expected a file, got a folder or a device");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return MappedFile({});  // the system refuses to map nothing
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) fail_with_errno(path, "map into memory");
  return MappedFile({static_cast<const std::byte*>(start), size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() { unmap(bytes_); }

}  // namespace tempo::io
