// The configuration of a run, as tempo-train and tempo-eval read it from YAML. docs/configuration.md lists
// every key.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/data_config.h"
#include "common/evaluation_config.h"
#include "config/reader.h"
#include "tempo/reward/reward.h"
#include "tempo/text/chat.h"
#include "tempo/train/options.h"
#include "tempo/train/run.h"

namespace tempo::common {

struct ModelSection {
  std::filesystem::path path;         // Hugging Face folder or GGUF file
  at::ScalarType dtype = at::kFloat;  // of the weights in use; the optimiser's own are always float32
  std::string device = "cpu";
  std::string chat_format = "auto";  // auto: told from the model's chat template; custom: chat_template
  text::ChatTemplate chat_template;  // of chat_format custom alone
  std::string chat_date;             // Llama 3.1 and later: today's; empty: the format's own
  int threads = 0;                   // 0: all cores

  // Throws tempo::Error naming the field: a device that is not there among them.
  void validate() const;
};

// Which of the runs that are in the output folder already is gone on with.
enum class Resume { kAuto, kNever };

struct OutputSection {
  std::filesystem::path folder = "runs/tempo";
  bool overwrite = false;  // a run that is there is replaced
  Resume resume = Resume::kAuto;

  // Throws tempo::Error naming the field.
  void validate() const;
};

// The processes of one run.
struct DistributedSection {
  double timeout_s = 600;        // silence of a rank, or delay of a collective, that ends all
  double start_timeout_s = 600;  // in which all ranks come

  // Throws tempo::Error naming the field.
  void validate() const;
};

struct RunConfig {
  ModelSection model;
  std::filesystem::path reference;  // of the KL term; empty: model.path
  DataSection data;
  std::vector<reward::RewardTerm> rewards;
  train::TrainOptions train;
  train::RunOptions run;
  EvaluationSection evaluation;
  OutputSection output;
  DistributedSection distributed;

  // Throws tempo::Error naming the field. What a single section can tell is validated with it.
  void validate() const;
};

// Reads and validates every key.
void bind(config::Reader& reader, RunConfig& config);

// Parts that stand in several sections.
void bind_sampling(config::Reader& reader, rollout::SamplingOptions& sampling);

}  // namespace tempo::common
