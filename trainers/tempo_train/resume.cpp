#include "tempo_train/resume.h"

#include <filesystem>
#include <utility>

#include "common/run_identity.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::programs {
namespace {

namespace fs = std::filesystem;

constexpr const char* kReplace = " (set output.overwrite, or another folder)";

// What the folder holds.
struct Found {
  fs::path folder;
  bool finished = false;
  std::optional<train::ResumePoint> point{};  // its newest whole checkpoint
  std::string differs{};                      // in what it is another run; empty: the same
};

Found look(const common::RunConfig& config, const train::RunIdentity& identity,
           std::vector<std::string>& notes) {
  Found found{.folder = config.output.folder};
  const fs::path checkpoints = train::RunFolder::checkpoints_in(found.folder);
  found.finished = !fs::exists(checkpoints) || train::is_finished(checkpoints);
  std::vector<std::string> damage;
  if (const auto newest = train::Checkpoints(checkpoints, config.run.keep).newest(damage)) {
    found.point = {*newest, train::read_checkpoint_state(*newest)};
    found.differs = common::difference(found.point->state.identity, identity);
  } else {
    train::RunIdentity kept = identity;
    kept.config = io::read_text(found.folder / "config.yaml");
    found.differs = common::difference(kept, identity);
  }
  for (const std::string& line : damage) notes.push_back("damaged checkpoint, left out: " + line);
  return found;
}

}  // namespace

Beginning find_beginning(const common::RunConfig& config, const train::RunIdentity& identity,
                         std::int64_t total_steps) {
  const fs::path& folder = config.output.folder;
  Beginning beginning;
  if (!fs::exists(folder / "metrics.jsonl")) return beginning;
  beginning.replaces = true;
  if (config.output.resume == common::Resume::kNever) {
    TEMPO_CHECK(config.output.overwrite, folder.string(), ": expected a folder without a run, found one",
                kReplace);
    return beginning;
  }
  Found found = look(config, identity, beginning.notes);
  const bool is_longer =
      found.point && found.point->state.trainer.step < total_steps && !config.output.overwrite;
  const bool goes_on = found.differs.empty() && (!found.finished || is_longer);
  if (!goes_on && config.output.overwrite) return beginning;
  TEMPO_CHECK(found.differs.empty(), folder.string(),
              ": expected the run that the folder holds, got another: ", found.differs, kReplace);
  TEMPO_CHECK(goes_on, folder.string(), ": expected a folder without a run, found a finished one", kReplace);
  if (!found.point) {
    beginning.notes.emplace_back("begins again: the run in the folder was ended before its first checkpoint");
    return beginning;
  }
  const std::string& version = found.point->state.identity.version;
  if (version != identity.version)
    beginning.notes.push_back(core::concat("the checkpoint is of version ", version, ", this is ",
                                           identity.version, ": numbers may differ from here on"));
  beginning.notes.push_back(core::concat("goes on from ", found.point->checkpoint.string()));
  beginning.point = std::move(found.point);
  return beginning;
}

}  // namespace tempo::programs
