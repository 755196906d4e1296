#include "tempo/train/checkpoints.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "checkpoint_files.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/train/checkpoint.h"

namespace tempo::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr const char* kFinishedFile = "finished";

std::optional<std::int64_t> step_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kPrefix)) return {};
  std::int64_t step = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, code] = std::from_chars(name.data() + kPrefix.size(), end, step);
  return code == std::errc() && stop == end && step >= 0 ? std::optional(step) : std::nullopt;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_directory() && step_of(entry.path())) folders.push_back(entry.path());
  return folders;
}

// The manifest goes first: what has one is whole.
void remove_checkpoint(const fs::path& folder) {
  std::error_code error;
  fs::remove(folder / kManifestFile, error);
  if (!error) fs::remove_all(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected a checkpoint that can be removed, got ", error.message());
}

// Without the metric, or where it cannot be read, none.
std::optional<double> value_of(const fs::path& folder, const std::string& metric) {
  try {
    const auto metrics = read_checkpoint_state(folder).metrics;
    const auto found = metrics.find(metric);
    if (found != metrics.end()) return found->second;
  } catch (const Error&) {
    return {};
  }
  return {};
}

}  // namespace

void KeepOptions::validate() const {
  TEMPO_CHECK(keep_last >= 0, "keep_last: expected 0 or more, got ", keep_last);
}

void mark_finished(const fs::path& checkpoints) {
  io::write_text_atomically(checkpoints / kFinishedFile, "");
}
void unmark_finished(const fs::path& checkpoints) {
  std::error_code error;
  fs::remove(checkpoints / kFinishedFile, error);
  TEMPO_CHECK(!error, checkpoints.string(), ": expected a file that can be removed, got ", error.message());
}
bool is_finished(const fs::path& checkpoints) { return fs::exists(checkpoints / kFinishedFile); }

Checkpoints::Checkpoints(fs::path folder, KeepOptions keep)
    : folder_(std::move(folder)), keep_(std::move(keep)) {
  keep_.validate();
}

fs::path Checkpoints::path(std::int64_t step) const { return folder_ / core::concat(kPrefix, step); }

std::vector<std::int64_t> Checkpoints::steps() const {
  std::vector<std::int64_t> steps;
  for (const fs::path& folder : folders_in(folder_))
    if (fs::exists(folder / kManifestFile)) steps.push_back(*step_of(folder));
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::optional<fs::path> Checkpoints::newest(std::vector<std::string>& damage) const {
  auto all = steps();
  for (; !all.empty(); all.pop_back()) {
    const std::string found = checkpoint_damage(path(all.back()));
    if (found.empty()) return path(all.back());
    damage.push_back(found);
  }
  return {};
}

void Checkpoints::prune() const {
  const auto all = steps();
  std::set<std::int64_t> kept(all.begin(), all.end());
  if (keep_.keep_last > 0 && all.size() > static_cast<std::size_t>(keep_.keep_last))
    kept = {all.end() - keep_.keep_last, all.end()};
  if (!keep_.keep_best.empty()) {
    std::optional<std::pair<double, std::int64_t>> best;  // of equal ones the newest
    for (const std::int64_t step : all) {
      const auto value = value_of(path(step), keep_.keep_best);
      if (!value) continue;
      const std::pair candidate(keep_.best_is_largest ? *value : -*value, step);
      if (!best || candidate > *best) best = candidate;
    }
    if (best) kept.insert(best->second);
  }
  for (const fs::path& folder : folders_in(folder_))
    if (!kept.contains(*step_of(folder))) remove_checkpoint(folder);
}

}  // namespace tempo::train
