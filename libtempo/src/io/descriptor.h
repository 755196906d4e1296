// POSIX file descriptors with errors as one line.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "tempo/core/error.h"

namespace tempo::io {

// Throws tempo::Error with the system's reason: "PATH: cannot open: No such file or directory".
[[noreturn]] inline void fail_with_errno(const std::filesystem::path& path, std::string_view what) {
  const int code = errno;
  core::fail(path.string(), ": cannot ", what, ": ", std::generic_category().message(code));
}

// Owns a descriptor and closes it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace tempo::io
