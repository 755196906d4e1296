#include "tempo/train/batch.h"

#include <algorithm>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/tree/gather.h"

namespace tempo::train {
namespace {

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from, std::int32_t begin, std::int32_t end) {
  to.insert(to.end(), from.begin() + begin, from.begin() + end);
}

}  // namespace

void check_fit(const model::ModelConfig& config, const Task& task, const rollout::SamplingOptions& sampling) {
  const std::int64_t room = config.max_positions - sampling.max_new_tokens;
  for (std::int64_t i = 0; i < task.size(); ++i) {
    const auto& prompt = task.prompt(i);
    const std::string where = task.location(i) + ": example " + task.example(i).id;
    TEMPO_CHECK(static_cast<std::int64_t>(prompt.size()) <= room, where, ": expected a prompt of at most ",
                room, " tokens, as the model has ", config.max_positions, " positions and max_new_tokens is ",
                sampling.max_new_tokens, ", got ", prompt.size());
    const auto largest = std::max_element(prompt.begin(), prompt.end());
    TEMPO_CHECK(largest != prompt.end(), where, ": expected a prompt of tokens, got none");
    TEMPO_CHECK(*largest < config.vocab_size, where, ": expected tokens of the model's vocabulary, below ",
                config.vocab_size, ", got ", *largest);
  }
}

Batch roll_out(const model::Model& model, const Task& task, std::span<const std::int64_t> examples,
               std::int32_t responses, const rollout::SamplingOptions& sampling,
               const rollout::SamplingKey& key, const rollout::Progress& progress) {
  std::vector<std::vector<std::int32_t>> prompts;
  prompts.reserve(examples.size());
  for (const std::int64_t index : examples) prompts.push_back(task.prompt(index));
  rollout::Rollout sampled = rollout::sample(model, prompts, responses, sampling, key, progress);

  Batch batch;
  batch.forest = std::move(sampled.forest);
  batch.example.assign(examples.begin(), examples.end());
  batch.truncated = std::move(sampled.truncated);
  batch.max_tokens = sampling.max_new_tokens;
  for (std::int32_t r = 0; r < batch.forest.responses(); ++r) {
    batch.text.push_back(task.decode(tree::response_tokens(batch.forest, r)));
  }
  return batch;
}

void score_responses(const Task& task, Batch& batch) {
  std::vector<reward::Item> items;
  for (std::int32_t g = 0; g < batch.groups(); ++g) {
    const auto group = static_cast<std::size_t>(g);
    const data::Example& example = task.example(batch.example[group]);
    for (auto i = batch.forest.group_response[group]; i < batch.forest.group_response[group + 1]; ++i) {
      const auto r = static_cast<std::size_t>(i);
      items.push_back({.response = {.text = batch.text[r],
                                    .tokens = batch.forest.response_length[r],
                                    .max_tokens = batch.max_tokens,
                                    .truncated = batch.truncated[r] != 0},
                       .example = &example});
    }
  }
  batch.scores = task.reward().score(items);
  batch.rewards.clear();
  for (const reward::Score& score : batch.scores) batch.rewards.push_back(static_cast<float>(score.total));
}

bool has_signal(const Batch& batch, std::int32_t group) {
  const auto begin = batch.rewards.begin() + batch.forest.group_response[static_cast<std::size_t>(group)];
  const auto end = batch.rewards.begin() + batch.forest.group_response[static_cast<std::size_t>(group) + 1];
  return std::adjacent_find(begin, end, std::not_equal_to<>()) != end;
}

Batch gather(std::span<const BatchGroup> groups) {
  Batch out;
  std::vector<tree::GroupRef> refs;
  for (const auto& [batch, group] : groups) {
    const auto index = static_cast<std::size_t>(group);
    refs.push_back({&batch->forest, group});
    out.example.push_back(batch->example[index]);
    out.max_tokens = batch->max_tokens;
    const auto begin = batch->forest.group_response[index], end = batch->forest.group_response[index + 1];
    append(out.text, batch->text, begin, end);
    append(out.scores, batch->scores, begin, end);
    append(out.rewards, batch->rewards, begin, end);
    append(out.truncated, batch->truncated, begin, end);
  }
  out.forest = tree::gather_groups(refs);
  return out;
}

}  // namespace tempo::train
