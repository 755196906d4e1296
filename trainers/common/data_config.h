// The section "data" of a configuration: the training data, and how rows become prompts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/reader.h"
#include "tempo/data/dataset.h"
#include "tempo/data/prompt_template.h"
#include "tempo/train/task.h"

namespace tempo::common {

// A file of training data. What its entry does not set is as in the section.
struct DataSet {
  std::filesystem::path path;
  std::string name;              // in metrics; empty: the file's name without its ending
  std::optional<double> weight;  // share of the prompts, relative to the other sets'; none: number of rows
  data::DatasetOptions rows;
  data::PromptTemplate prompt;

  // Throws tempo::Error naming the field.
  void validate() const;
};

// What happens to training problems that stand in the evaluation data, too.
enum class DuplicatePolicy {
  kReport,  // they are counted
  kSkip,    // and not trained on
  kError,
};

struct DataSection {
  std::vector<DataSet> train;
  data::DatasetOptions rows;
  train::TaskOptions task;
  DuplicatePolicy duplicates = DuplicatePolicy::kReport;

  // Throws tempo::Error naming the field.
  void validate() const;
};

void bind_data(config::Reader& reader, DataSection& data);

// The names of sets stand in metrics, on command lines and in tables. Throws tempo::Error "name: ...".
void check_set_name(const std::string& name);

// Parts that stand in several sections. bind_rows reads all but limit; bind_prompt system and prompt.
void bind_rows(config::Reader& reader, data::DatasetOptions& rows);
void bind_prompt(config::Reader& reader, data::PromptTemplate& prompt);

}  // namespace tempo::common
