#include "tempo/train/run_folder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::train {
namespace {

constexpr const char* kMetricsFile = "metrics.jsonl";

std::filesystem::path prepared(std::filesystem::path folder, bool overwrite) {
  TEMPO_CHECK(overwrite || !std::filesystem::exists(folder / kMetricsFile), folder.string(),
              ": expected a folder without a run, found ", kMetricsFile,
              " (set output.overwrite, or another folder)");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected a folder that can be made, got ", error.message());
  return folder;
}

nlohmann::ordered_json completion(std::int64_t step, const Task& task, const Batch& batch, std::int32_t group,
                                  std::int32_t response) {
  const data::Example& example = task.example(batch.example[static_cast<std::size_t>(group)]);
  const auto r = static_cast<std::size_t>(response);
  return {{"step", step},
          {"id", example.id},
          {"problem", example.problem},
          {"answer", example.answer},
          {"completion", batch.text[r]},
          {"extracted", batch.scores[r].extracted},
          {"reward", batch.rewards[r]},
          {"reason", batch.scores[r].reason},
          {"tokens", batch.forest.response_length[r]},
          {"truncated", batch.truncated[r] != 0}};
}

// Sampled text may hold a cut character: such bytes are replaced.
std::string line(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

LineFile::LineFile(std::filesystem::path path) : path_(std::move(path)), out_(path_, std::ios::trunc) {
  TEMPO_CHECK(out_.is_open(), path_.string(), ": expected a file that can be written");
}

void LineFile::append(std::string_view text) {
  out_ << text << '\n';
  out_.flush();
  TEMPO_CHECK(out_.good(), path_.string(), ": could not write (is the disk full?)");
}

void append_completions(LineFile& file, std::int64_t step, const Task& task, const Batch& batch) {
  for (std::int32_t g = 0; g < batch.groups(); ++g) {
    const auto begin = batch.forest.group_response[static_cast<std::size_t>(g)];
    const auto end = batch.forest.group_response[static_cast<std::size_t>(g) + 1];
    for (auto r = begin; r < end; ++r) file.append(line(completion(step, task, batch, g, r)));
  }
}

RunFolder::RunFolder(std::filesystem::path folder, std::string_view config_yaml, bool overwrite)
    : folder_(prepared(std::move(folder), overwrite)),
      metrics_(folder_ / kMetricsFile),
      completions_(folder_ / "completions.jsonl"),
      evaluations_(folder_ / "evaluations.jsonl") {
  io::write_text_atomically(folder_ / "config.yaml", config_yaml);
}

void RunFolder::add_metrics(const Metrics& metrics) { metrics_.append(metrics.json()); }

void RunFolder::add_completions(std::int64_t step, const Task& task, const Batch& batch) {
  append_completions(completions_, step, task, batch);
}

void RunFolder::add_evaluation(std::int64_t step, const Task& task, const Evaluation& evaluation) {
  append_completions(evaluations_, step, task, evaluation.batch);
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
