// AtomicFile under every fault at every one of its operations, and that the faults are what they say.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tempo/core/error.h"

namespace fs = std::filesystem;

namespace {

constexpr int kOperations = 5;  // create, write, sync, rename, sync of the folder

struct Folder {
  Folder() { fs::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  fs::path path = fs::temp_directory_path() / ("tempo-faults-" + std::to_string(::getpid()));
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Returns the exit status of writing "new" while operation `at` has the fault.
int write_with_fault(const Folder& folder, const std::string& kind, int at) {
  const auto command =
      tempo::core::concat("ASAN_OPTIONS=verify_asan_link_order=0 TEMPO_FAULT_FOLDER=", folder.path.string(),
                          " TEMPO_FAULT_KIND=", kind, " TEMPO_FAULT_AT=", at,
                          " LD_PRELOAD=" TEMPO_FAULTS_LIBRARY " " TEMPO_WRITE_FILE " ", folder.path.string(),
                          "/file new >/dev/null 2>&1");
  return std::system(command.c_str());
}

std::string content_after(const std::string& kind, int at, int& status) {
  const Folder folder;
  std::ofstream(folder.path / "file") << "old";
  status = write_with_fault(folder, kind, at);
  return text_of(folder.path / "file");
}

}  // namespace

TEST_CASE("AtomicFile: a failed operation leaves the old file and nothing beside it", "[faults]") {
  const std::string kind = GENERATE("ENOSPC", "EIO", "EROFS");
  for (int at = 1; at < kOperations; ++at) {
    const Folder folder;
    std::ofstream(folder.path / "file") << "old";
    CAPTURE(kind, at);
    CHECK(write_with_fault(folder, kind, at) != 0);
    CHECK(text_of(folder.path / "file") == "old");
    CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
  }
}

TEST_CASE("AtomicFile: a short write is gone on with", "[faults]") {
  int status = 0;
  CHECK(content_after("short", 2, status) == "new");
  CHECK(status == 0);
}

TEST_CASE("AtomicFile: when it is killed or the power fails, the file is old or new", "[faults]") {
  const std::string kind = GENERATE("kill", "power");
  for (int at = 1; at <= kOperations; ++at) {
    CAPTURE(kind, at);
    int status = 0;
    const std::string text = content_after(kind, at, status);
    CHECK(status != 0);
    // Renamed but not synced, it is there for other programs and not after a loss of power.
    CHECK(text == (kind == "kill" && at == kOperations ? "new" : "old"));
  }
}

TEST_CASE("AtomicFile: what it has written outlasts a loss of power", "[faults]") {
  int status = 0;
  CHECK(content_after("power", kOperations + 1, status) == "new");
  CHECK(status == 0);
}
