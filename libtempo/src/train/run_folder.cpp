#include "tempo/train/run_folder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::train {
namespace {

constexpr const char *kMetricsFile = "metrics.jsonl", *kCompletionsFile = "completions.jsonl",
                     *kEvaluationsFile = "evaluations.jsonl", *kConfigFile = "config.yaml";

// The order of these steps tells a run that was ended in between from a finished one: the folder of the
// checkpoints stays, and the log of the metrics, which says that there is a run, comes last.
std::filesystem::path prepared(std::filesystem::path folder, std::string_view config_yaml, bool overwrite) {
  TEMPO_CHECK(overwrite || !std::filesystem::exists(folder / kMetricsFile), folder.string(),
              ": expected a folder without a run, found ", kMetricsFile,
              " (set output.overwrite, or another folder)");
  const auto checkpoints = RunFolder::checkpoints_in(folder);
  io::make_folders(folder);
  io::make_folders(checkpoints);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints)) {  // of the run that was here
    std::filesystem::remove_all(entry.path(), error);
    TEMPO_CHECK(!error, entry.path().string(), ": expected a checkpoint that can be removed, got ",
                error.message());
  }
  io::write_text_atomically(folder / kConfigFile, config_yaml);
  return folder;
}

std::uint64_t bytes_of(const std::map<std::string, std::uint64_t>& log_bytes, const char* name) {
  const auto found = log_bytes.find(name);
  TEMPO_CHECK(found != log_bytes.end(), "checkpoint: expected the bytes of ", name, ", got none");
  return found->second;
}

nlohmann::ordered_json completion(std::int64_t step, const data::Example& example, const std::string& text,
                                  const reward::Score& score, std::int32_t tokens, bool truncated) {
  return {{"step", step},
          {"id", example.id},
          {"problem", example.problem},
          {"answer", example.answer},
          {"completion", text},
          {"extracted", score.extracted},
          {"reward", static_cast<float>(score.total)},
          {"reason", score.reason},
          {"tokens", tokens},
          {"truncated", truncated}};
}

// Sampled text may hold a cut character: such bytes are replaced.
std::string line(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path folder, std::string_view config_yaml, bool overwrite)
    : folder_(prepared(std::move(folder), config_yaml, overwrite)),
      metrics_(folder_ / kMetricsFile),
      completions_(folder_ / kCompletionsFile),
      evaluations_(folder_ / kEvaluationsFile) {}

RunFolder::RunFolder(std::filesystem::path folder, std::string_view config_yaml,
                     const std::map<std::string, std::uint64_t>& log_bytes)
    : folder_(std::move(folder)),
      metrics_(folder_ / kMetricsFile, bytes_of(log_bytes, kMetricsFile)),
      completions_(folder_ / kCompletionsFile, bytes_of(log_bytes, kCompletionsFile)),
      evaluations_(folder_ / kEvaluationsFile, bytes_of(log_bytes, kEvaluationsFile)) {
  io::write_text_atomically(folder_ / kConfigFile, config_yaml);
}

std::map<std::string, std::uint64_t> RunFolder::sync_logs() {
  return {{kMetricsFile, metrics_.sync()},
          {kCompletionsFile, completions_.sync()},
          {kEvaluationsFile, evaluations_.sync()}};
}

void RunFolder::add_metrics(const Metrics& metrics) { metrics_.append(metrics.json()); }

void RunFolder::add_completions(std::int64_t step, const Task& task, const Batch& batch) {
  for (std::size_t g = 0; g < batch.example.size(); ++g) {
    const data::Example& example = task.example(batch.example[g]);
    const auto begin = static_cast<std::size_t>(batch.forest.group_response[g]);
    const auto end = static_cast<std::size_t>(batch.forest.group_response[g + 1]);
    for (auto r = begin; r < end; ++r)
      completions_.append(line(completion(step, example, batch.text[r], batch.scores[r],
                                          batch.forest.response_length[r], batch.truncated[r] != 0)));
  }
}

void RunFolder::add_evaluation(std::int64_t step, const EvaluationSet& set, const Evaluation& evaluation) {
  for (const Answer& answer : evaluation.answers) {
    auto object = completion(step, set.task.example(answer.problem), answer.response, answer.score,
                             answer.tokens, answer.truncated);
    object["set"] = set.name;
    object["greedy"] = answer.greedy;
    object["sample"] = answer.sample;
    evaluations_.append(line(object));
  }
}

std::filesystem::path RunFolder::save(std::string_view name, const model::Model& model,
                                      std::span<const at::Tensor> weights, const Task& task,
                                      at::ScalarType dtype) const {
  const std::filesystem::path target = folder_ / name;
  model::save_model(model, weights, target, dtype);
  task.tokenizer().save(target);
  return target;
}

}  // namespace tempo::train
