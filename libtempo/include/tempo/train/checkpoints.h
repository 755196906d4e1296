// The checkpoints of a run: which there are, which one to go on from, which to keep.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tempo::train {

struct KeepOptions {
  std::int64_t keep_last = 2;  // checkpoints; 0: all
  std::string keep_best{};     // also the one with the best value of this metric; empty: none
  bool best_is_largest = true;

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Marks the run whose checkpoints are in the folder as finished, and tells whether it is.
void mark_finished(const std::filesystem::path& checkpoints);
void unmark_finished(const std::filesystem::path& checkpoints);
bool is_finished(const std::filesystem::path& checkpoints);

// The folders step-N of one folder. Of a group, rank 0's business alone.
class Checkpoints {
 public:
  Checkpoints(std::filesystem::path folder, KeepOptions keep);

  std::filesystem::path path(std::int64_t step) const;

  // Returns the steps of all that have a manifest, ascending.
  std::vector<std::int64_t> steps() const;

  // Returns the newest that is whole. damage: receives a line for each newer one that is not.
  std::optional<std::filesystem::path> newest(std::vector<std::string>& damage) const;

  // Removes what is not to be kept, and what was left unfinished. The newest always stays. Throws
  // tempo::Error when the system cannot.
  void prune() const;

 private:
  std::filesystem::path folder_;
  KeepOptions keep_;
};

}  // namespace tempo::train
