#include "tempo/io/folder_lock.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "io/scratch.h"

using tempo::io::FolderLock;
using tempo::testing::error_of;
using tempo::testing::Scratch;

TEST_CASE("FolderLock: a second one in the folder is refused with the owner, until the first is gone",
          "[io]") {
  const Scratch scratch;
  const auto folder = scratch.folder() / "deep" / "run";
  std::optional<FolderLock> first(folder);
  CHECK(error_of([&] { FolderLock second(folder); }) ==
        folder.string() + ": expected a folder that no other run writes to, found process " +
            std::to_string(::getpid()));
  first.reset();
  CHECK_NOTHROW(FolderLock(folder));
}

TEST_CASE("FolderLock: a folder that cannot be made is an error that names it", "[io]") {
  const Scratch scratch;
  const auto file = scratch.write("file", "");
  CHECK(error_of([&] {
          FolderLock lock(file / "run");
        }).starts_with((file / "run").string() + ": expected a folder that can be made, got "));
}
