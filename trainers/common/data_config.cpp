#include "common/data_config.h"

#include <algorithm>
#include <set>

#include "tempo/core/error.h"

namespace tempo::common {
namespace {

using config::Reader;

void name_after_file(DataSet& set) {
  if (set.name.empty()) set.name = set.path.stem().string();
}

void bind_set(Reader& reader, DataSet& set) {
  reader.field("path", set.path);
  reader.field("name", set.name);
  reader.field("weight", set.weight);
  bind_rows(reader, set.rows);
  reader.field("limit", set.rows.limit);
  bind_prompt(reader, set.prompt);
  name_after_file(set);
  reader.validate(set);
}

// A path, or a list of sets that begin as the section is.
void bind_train(Reader& reader, DataSection& data) {
  const DataSet defaults{.path = {}, .name = {}, .weight = {}, .rows = data.rows, .prompt = data.task.prompt};
  if (reader.is_list("train")) {
    reader.list("train", data.train, [&](Reader& entry, DataSet& set) {
      set = defaults;
      bind_set(entry, set);
    });
    return;
  }
  DataSet set = defaults;
  reader.field("train", set.path);
  if (set.path.empty()) return;
  name_after_file(set);
  data.train = {std::move(set)};
}

}  // namespace

void check_set_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  TEMPO_CHECK(!name.empty() && std::all_of(name.begin(), name.end(), fits),
              "name: expected letters, digits, '_', '-' and '.', got '", name, "'");
}

void bind_rows(Reader& reader, data::DatasetOptions& rows) {
  reader.field("problem_key", rows.problem_key);
  reader.field("answer_key", rows.answer_key);
  reader.field("options_key", rows.options_key);
  reader.field("id_key", rows.id_key);
  reader.field("subject_key", rows.subject_key);
  reader.field("level_key", rows.level_key);
  reader.field("answer_base", rows.answer_base);
}

void bind_prompt(Reader& reader, data::PromptTemplate& prompt) {
  reader.field("system", prompt.system);
  reader.field("prompt", prompt.user);
}

void DataSet::validate() const {
  TEMPO_CHECK(!path.empty(), "path: expected a file, got nothing");
  check_set_name(name);
  TEMPO_CHECK(!weight || *weight > 0, "weight: expected more than 0, got ", *weight);
  rows.validate();
  try {
    prompt.validate();
  } catch (const Error& error) {
    core::fail("prompt.", error.what());
  }
}

void DataSection::validate() const {
  std::set<std::string> names;
  for (const DataSet& set : train) {
    TEMPO_CHECK(names.insert(set.name).second, "train: expected sets of different names, got two named '",
                set.name, "'");
    TEMPO_CHECK(set.weight.has_value() == train[0].weight.has_value(),
                "train: expected a weight for every set or for none, got some");
  }
}

void bind_data(Reader& reader, DataSection& data) {
  bind_rows(reader, data.rows);
  reader.field("limit", data.rows.limit);
  bind_prompt(reader, data.task.prompt);
  reader.field("max_prompt_tokens", data.task.max_prompt_tokens);
  reader.field("skip_long_prompts", data.task.skip_long_prompts);
  reader.field("min_prompt_tokens", data.task.min_prompt_tokens);
  reader.field("skip_unscorable", data.task.skip_unscorable);
  reader.field("enable_thinking", data.task.chat.enable_thinking);
  reader.choice("duplicates", data.duplicates,
                {{"report", DuplicatePolicy::kReport},
                 {"skip", DuplicatePolicy::kSkip},
                 {"error", DuplicatePolicy::kError}});
  reader.validate(data.rows);
  reader.validate(data.task);
  bind_train(reader, data);
  reader.validate(data);
}

}  // namespace tempo::common
