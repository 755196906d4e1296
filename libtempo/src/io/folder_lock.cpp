#include "tempo/io/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <string>

#include "descriptor.h"
#include "tempo/io/file.h"

namespace tempo::io {

namespace {

void take(int descriptor, const std::filesystem::path& folder) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail_with_errno(folder, "lock");
    std::array<char, 16> owner{};
    const ssize_t count = ::pread(descriptor, owner.data(), owner.size() - 1, 0);
    core::fail(folder.string(), ": expected a folder that no other run writes to, found process ",
               count > 0 ? owner.data() : "unknown");
  }
  const std::string own = std::to_string(::getpid());
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, own.data(), own.size(), 0) < 0)
    fail_with_errno(folder, "write the lock");
}

}  // namespace

// The file stays when the lock goes: another process may have opened it already.
FolderLock::FolderLock(const std::filesystem::path& folder) {
  make_folders(folder);
  const auto path = folder / ".lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_with_errno(path, "open");
  try {
    take(descriptor_, folder);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tempo::io
