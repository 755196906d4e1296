// The output folder of a run: resolved configuration, metrics, completions, evaluations, saved models.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tempo/train/evaluate.h"
#include "tempo/train/line_file.h"
#include "tempo/train/metrics.h"
#include "tempo/train/task.h"
#include "tempo/train/trainer.h"

namespace tempo::train {

class RunFolder {
 public:
  // Makes the folder and writes the resolved configuration. Throws tempo::Error when it cannot, or when the
  // folder holds a run and `overwrite` is false.
  RunFolder(std::filesystem::path folder, std::string_view config_yaml, bool overwrite);
  // Goes on with the run of the folder, whose log files had these bytes; what follows in them is dropped.
  // Throws tempo::Error when one of them has fewer.
  RunFolder(std::filesystem::path folder, std::string_view config_yaml,
            const std::map<std::string, std::uint64_t>& log_bytes);

  // Makes the log files last through a loss of power and returns their bytes by name.
  std::map<std::string, std::uint64_t> sync_logs();

  void add_metrics(const Metrics& metrics);
  // Each adds one line a response: step, id, problem, answer, completion, what was extracted, reward and why,
  // tokens; an evaluation's have the set's name and which of the answers they are, too.
  void add_completions(std::int64_t step, const Task& task, const Batch& batch);
  void add_evaluation(std::int64_t step, const EvaluationSet& set, const Evaluation& evaluation);

  // Saves model and tokenizer as a Hugging Face folder below this one and returns its path.
  std::filesystem::path save(std::string_view name, const model::Model& model,
                             std::span<const at::Tensor> weights, const Task& task,
                             at::ScalarType dtype) const;

  const std::filesystem::path& path() const { return folder_; }

  // Where the checkpoints of a run are.
  static std::filesystem::path checkpoints_in(const std::filesystem::path& folder) {
    return folder / "checkpoints";
  }

 private:
  std::filesystem::path folder_;
  LineFile metrics_, completions_, evaluations_;
};

}  // namespace tempo::train
