// The output folder of a run: resolved configuration, metrics, completions, evaluations, saved models.
#pragma once

#include <cstdint>
#include <filesystem>
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

 private:
  std::filesystem::path folder_;
  LineFile metrics_, completions_, evaluations_;
};

}  // namespace tempo::train
