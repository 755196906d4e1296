#include "run_evaluations.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "tempo/core/error.h"
#include "tempo/train/fingerprint.h"

namespace tempo::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "evaluation-", kSuffix = ".jsonl";

void add_evaluation_metrics(const EvaluationSet& set, const SetStatistics& statistics, Metrics& metrics) {
  const auto add = [&](const std::string& name, double value) { metrics.set(set.metrics + name, value); };
  const AnswerStatistics& main = statistics.main();
  add("accuracy", main.accuracy.value);
  add("accuracy_stderr", main.accuracy.standard_error);
  add("mean_length", main.mean_length);
  add("clipped_ratio", main.truncated);
  if (main.samples > 1) {
    const std::string n = std::to_string(main.samples);
    add("pass@" + n, main.pass_at.back().second.value);
    add("maj@" + n, main.majority_at.back().second.value);
  }
  if (statistics.sampled && statistics.greedy) add("greedy_accuracy", statistics.greedy->accuracy.value);
}

std::function<void(const EvaluationProgress&)> shown_by(const PhaseProgress& progress) {
  if (!progress) return {};
  return [&progress](const EvaluationProgress& state) {
    progress(state.greedy ? "greedy evaluation" : "evaluation", state.done, state.total);
  };
}

}  // namespace

fs::path RunEvaluations::file_of(std::int64_t step) const {
  return parts_.checkpoints / core::concat(kPrefix, step, kSuffix);
}

// Run and step tell the weights.
std::uint64_t RunEvaluations::fingerprint_of(std::int64_t step) const {
  const RunIdentity& run = parts_.identity;
  return combined_fingerprint(combined_fingerprint(run.config_fingerprint, run.data),
                              static_cast<std::uint64_t>(step));
}

std::vector<Evaluation> RunEvaluations::evaluate(std::int64_t step, std::map<std::string, double>& metrics) {
  if (parts_.sets.empty()) return {};
  std::optional<AnswerFile> file;
  if (parts_.folder) file.emplace(file_of(step), false);
  const AnswerStore store{file ? &*file : nullptr, fingerprint_of(step)};
  const auto model = [&]() -> const model::Model& { return parts_.model; };
  std::vector<Evaluation> results;
  for (const EvaluationSet& set : parts_.sets)
    results.push_back(train::evaluate(model, set, store, shown_by(observer_.progress), &group_, stop_));
  if (!parts_.folder) return {};
  Metrics line;
  line.set("step", static_cast<double>(step));
  for (std::size_t i = 0; i < results.size(); ++i) {
    add_evaluation_metrics(parts_.sets[i], results[i].statistics, line);
    parts_.folder->add_evaluation(step, parts_.sets[i], results[i]);
  }
  parts_.folder->add_metrics(line);
  for (const auto& [name, value] : line.values()) metrics[name] = value;
  if (observer_.on_evaluation) observer_.on_evaluation(step, results);
  return results;
}

std::vector<Evaluation> RunEvaluations::kept(std::int64_t step) const {
  std::vector<Evaluation> results;
  if (!parts_.folder || !fs::exists(file_of(step))) return results;
  AnswerFile file(file_of(step), false);
  const AnswerStore store{&file, fingerprint_of(step)};
  for (const EvaluationSet& set : parts_.sets) {
    if (missing_responses(set, store) > 0) return {};
    results.push_back(train::evaluate({}, set, store));
  }
  return results;
}

void RunEvaluations::remove_before(std::int64_t step) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parts_.checkpoints, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    std::int64_t of = 0;
    const char* const end = name.data() + name.size() - kSuffix.size();
    const auto [stop, code] = std::from_chars(name.data() + kPrefix.size(), end, of);
    if (code == std::errc() && stop == end && of > 0 && of < step) fs::remove(entry.path(), error);
  }
}

}  // namespace tempo::train
