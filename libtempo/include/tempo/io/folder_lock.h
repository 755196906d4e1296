// One writer at a time in a folder.
#pragma once

#include <filesystem>

namespace tempo::io {

// Holds the lock file `.lock` in the folder until destroyed, or until the process ends, however it ends.
class FolderLock {
 public:
  // Makes the folder if it is not there. Throws tempo::Error, naming the process, when another one holds the
  // lock, and when the file cannot be made.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

}  // namespace tempo::io
