#include "common/evaluation_setup.h"

#include <algorithm>
#include <utility>

#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/core/random.h"
#include "tempo/train/batch.h"

namespace tempo::common {
namespace {

// Rows that are ordered by subject are drawn from all over. The first of more are the same ones, so that a
// larger evaluation goes on from a smaller one.
std::vector<data::Example> drawn(std::vector<data::Example> examples, std::int64_t count) {
  if (count == 0) return examples;
  core::Shuffle(0, 0)(examples);
  if (static_cast<std::size_t>(count) < examples.size()) examples.resize(static_cast<std::size_t>(count));
  return examples;
}

void check_names(const EvaluationSection& section, const std::vector<std::string>& names) {
  std::string known;
  for (const auto& set : section.sets) known += (known.empty() ? "" : ", ") + set.name;
  for (const std::string& name : names) {
    const bool found = std::any_of(section.sets.begin(), section.sets.end(),
                                   [&](const EvaluationSetConfig& set) { return set.name == name; });
    TEMPO_CHECK(found, "--sets: expected names of ", known, ", got '", name, "'");
  }
}

}  // namespace

std::vector<train::EvaluationSet> open_sets(const RunConfig& config, const std::vector<std::string>& names) {
  check_names(config.evaluation, names);
  std::vector<train::EvaluationSet> sets;
  if (config.evaluation.sets.empty()) return sets;
  const auto tokenizer = text::Tokenizer::load(config.model.path);
  const auto format = select_chat_format(config.model, tokenizer);
  for (const EvaluationSetConfig& set : config.evaluation.sets) {
    if (!names.empty() && std::find(names.begin(), names.end(), set.name) == names.end()) continue;
    sets.push_back(
        {.name = set.name,
         .metrics = config.evaluation.named ? "eval/" + set.name + "/" : "eval/",
         .in_distribution = set.in_distribution,
         .task = {set.data.string(), drawn(data::read_examples(set.data, set.rows), set.random_rows),
                  tokenizer, format, reward::RewardFunction(set.rewards), set.task},
         .options = set.options});
    sets.back().options.sampling.stop_tokens = sets.back().task.stop_tokens();
  }
  return sets;
}

void check_fit(const model::ModelConfig& model, const std::vector<train::EvaluationSet>& sets) {
  for (const train::EvaluationSet& set : sets) train::check_fit(model, set.task, set.options.sampling);
}

}  // namespace tempo::common
