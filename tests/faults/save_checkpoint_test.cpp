// A checkpoint is saved under every fault at every one of its file operations: either it is whole, or the one
// before is.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "faults/step_checkpoint.h"
#include "io/scratch.h"
#include "programs/run_command.h"
#include "tempo/io/file.h"

namespace fs = std::filesystem;
using Catch::Matchers::StartsWith;
using namespace tempo;
using tempo::core::concat;
using tempo::tests::CommandResult;
using tempo::tests::newest_step;
using tempo::tests::save_step;

namespace {

// A folder with the checkpoints of steps 1 and 2, where that of step 3 is to be saved, and 1 removed.
struct Folder {
  Folder() {
    save_step(path, 1);
    save_step(path, 2);
  }

  CommandResult save_with_fault(const std::string& kind, int at) const {
    return tests::run_command(
        concat("ASAN_OPTIONS=verify_asan_link_order=0 TEMPO_FAULT_FOLDER=", path.string(),
               " TEMPO_FAULT_KIND=", kind, " TEMPO_FAULT_AT=", at, " TEMPO_FAULT_LOG=", log.string(),
               " LD_PRELOAD=" TEMPO_FAULTS_LIBRARY " " TEMPO_SAVE_CHECKPOINT " ", path.string(), " 3"));
  }

  testing::Scratch scratch;
  fs::path path = scratch.folder() / "checkpoints", log = scratch.folder() / "log";
};

// Returns the numbers of a save's operations; of several writes to a file one after another, the first and
// the last.
std::vector<int> operations_of_a_save() {
  const Folder folder;
  REQUIRE(folder.save_with_fault("none", 0).status == 0);
  std::vector<std::string> lines{""};
  std::istringstream log(io::read_text(folder.log));
  for (std::string line; std::getline(log, line);) lines.push_back(line.substr(line.find(' ')));
  std::vector<int> chosen;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (lines[i] != lines[i - 1] || i + 1 == lines.size() || lines[i] != lines[i + 1])
      chosen.push_back(static_cast<int>(i));
  REQUIRE(chosen.size() > 20);
  return chosen;
}

std::vector<int> every(int stride, const std::vector<int>& all) {
  std::vector<int> some;
  for (std::size_t i = 0; i < all.size(); i += static_cast<std::size_t>(stride)) some.push_back(all[i]);
  return some;
}

}  // namespace

TEST_CASE("Checkpoint: an error of the system while it is saved is one line, and the one before stays",
          "[faults]") {
  const auto [kind, stride] = GENERATE(std::pair{"ENOSPC", 1}, std::pair{"EIO", 5}, std::pair{"EROFS", 5});
  for (const int at : every(stride, operations_of_a_save())) {
    const Folder folder;
    const auto result = folder.save_with_fault(kind, at);
    CAPTURE(kind, at);
    CHECK(result.status == 1);
    CHECK_THAT(result.out, StartsWith("error: " + folder.path.string()));
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
    CHECK(newest_step(folder.path) >= 2);
  }
}

TEST_CASE("Checkpoint: short writes do not matter", "[faults]") {
  for (const int at : every(4, operations_of_a_save())) {
    const Folder folder;
    CAPTURE(at);
    CHECK(folder.save_with_fault("short", at).status == 0);
    CHECK(newest_step(folder.path) == 3);
  }
}

TEST_CASE("Checkpoint: killed, or without power, while it is saved, the newest whole one is found",
          "[faults]") {
  const std::string kind = GENERATE("kill", "power");
  for (const int at : operations_of_a_save()) {
    const Folder folder;
    CAPTURE(kind, at);
    CHECK(folder.save_with_fault(kind, at).status != 0);
    CHECK(newest_step(folder.path) >= 2);
    save_step(folder.path, 4);  // and the next one is saved
    CHECK(newest_step(folder.path) == 4);
  }
}
