#include "common/evaluation_config.h"

#include "common/data_config.h"
#include "common/reward_config.h"
#include "common/run_config.h"
#include "tempo/core/error.h"

namespace tempo::common {
namespace {

using config::Reader;

// What the section says for all sets, and each set for itself.
void bind_options(Reader& reader, EvaluationSetConfig& set) {
  reader.field("limit", set.rows.limit);
  reader.field("random_rows", set.random_rows);
  reader.field("greedy", set.options.greedy);
  reader.field("samples", set.options.samples);
  reader.field("seed", set.options.seed);
  reader.field("chunk_problems", set.options.chunk_problems);
  bind_sampling(reader, set.options.sampling);
}

void bind_set(Reader& reader, EvaluationSetConfig& set) {
  reader.required("data", set.data);
  reader.field("name", set.name);
  reader.field("in_distribution", set.in_distribution);
  bind_rows(reader, set.rows);
  bind_prompt(reader, set.task.prompt);
  reader.field("max_prompt_tokens", set.task.max_prompt_tokens);
  reader.field("skip_long_prompts", set.task.skip_long_prompts);
  reader.field("skip_unscorable", set.task.skip_unscorable);
  reader.list("rewards", set.rewards, bind_reward);
  bind_options(reader, set);
  if (set.name.empty()) set.name = set.data.stem().string();
  reader.validate(set.rows);
  reader.validate(set.task);
  reader.validate(set.options);
  reader.validate(set);
}

}  // namespace

void EvaluationSetConfig::validate() const {
  TEMPO_CHECK(!data.empty(), "data: expected a file, got nothing");
  check_set_name(name);
  TEMPO_CHECK(random_rows >= 0, "random_rows: expected 0 or more, got ", random_rows);
  TEMPO_CHECK(!rewards.empty(), "rewards: expected at least one, such as [{kind: number}], got none");
}

void EvaluationSection::validate() const {
  TEMPO_CHECK(data.empty() || !named, "sets: expected data or sets, got both");
  for (std::size_t i = 0; i < sets.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      TEMPO_CHECK(sets[i].name != sets[j].name, "sets[", i, "].name: expected a name of its own, got '",
                  sets[i].name, "' as sets[", j, "] has");
}

void bind_evaluation(Reader& reader, RunConfig& config) {
  EvaluationSetConfig common{.rows = config.data.rows,
                             .task = config.data.task,
                             .rewards = config.rewards,
                             .options = {.sampling = config.train.sampling}};
  common.rows.limit = 0;
  EvaluationSection& section = config.evaluation;
  reader.field("data", section.data);
  reader.field("every", config.run.evaluate_every);
  bind_options(reader, common);
  reader.list("sets", section.sets, [&](Reader& item, EvaluationSetConfig& set) {
    set = common;
    bind_set(item, set);
  });
  section.named = !section.sets.empty();
  reader.validate(common.options);
  reader.validate(section);
  if (section.data.empty()) return;
  common.data = section.data;
  common.name = section.data.stem().string();
  section.sets.push_back(common);
}

}  // namespace tempo::common
