// Data sets as a model sees them: prompts as token ids, and answers that can be scored.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/data/dataset.h"
#include "tempo/data/prompt_order.h"
#include "tempo/data/prompt_template.h"
#include "tempo/reward/reward.h"
#include "tempo/text/chat.h"
#include "tempo/text/tokenizer.h"

namespace tempo::train {

struct TaskOptions {
  data::PromptTemplate prompt;
  text::ChatOptions chat;
  std::int32_t max_prompt_tokens = 1024;
  // Such examples are errors that name them; true: they are left out, and counted.
  bool skip_long_prompts = false;
  std::int32_t min_prompt_tokens = 0;  // examples with fewer are left out, and counted
  bool skip_unscorable = false;        // a reward cannot score them, as a number reward a text

  // Throws tempo::Error naming the field.
  void validate() const;
};

// A data set to make a task of.
struct TaskSource {
  std::string name;      // in metrics
  std::string location;  // in errors
  std::optional<double>
      weight;  // share of the prompts, relative to the other sets'; none: number of examples
  data::PromptTemplate prompt;
  std::vector<data::Example> examples;
};

// A data set of a task: a range of its examples.
struct TaskSet {
  std::string name, location;
  std::optional<double> weight;
  std::int64_t first = 0, size = 0;
  // Examples that were left out.
  std::int64_t skipped_long = 0, skipped_short = 0, skipped_unscorable = 0;
};

// One data set, or several that are mixed. Const members may be called from many threads.
class Task {
 public:
  // Renders and encodes every prompt. options.prompt is not read: each source has its own.
  // Throws tempo::Error: no source, a template or a reward that does not fit an example, a prompt that is too
  // long, no example that is left of a source, a reward's program that does not start.
  Task(std::vector<TaskSource> sources, text::Tokenizer tokenizer, const text::ChatFormat& format,
       reward::RewardFunction reward, const TaskOptions& options);

  // A task of one data set, which is named after its location.
  Task(std::string location, std::vector<data::Example> examples, text::Tokenizer tokenizer,
       const text::ChatFormat& format, reward::RewardFunction reward, const TaskOptions& options);

  // Takes examples away. Requires: indices ascend. Throws tempo::Error when nothing is left of a set.
  void remove(std::span<const std::int64_t> indices);

  const std::vector<TaskSet>& sets() const { return sets_; }

  // Returns the position in sets() of an example's set.
  std::size_t set_of(std::int64_t index) const;

  // Returns the order in which training visits the examples.
  data::PromptOrder order(std::uint64_t seed, bool shuffle) const;

  std::int64_t size() const { return static_cast<std::int64_t>(examples_.size()); }
  const data::Example& example(std::int64_t index) const {
    return examples_[static_cast<std::size_t>(index)];
  }
  std::span<const data::Example> examples() const { return examples_; }
  const std::vector<std::int32_t>& prompt(std::int64_t index) const {
    return prompts_[static_cast<std::size_t>(index)];
  }
  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const reward::RewardFunction& reward() const { return reward_; }

  // Where an example comes from, for messages.
  const std::string& location(std::int64_t index = 0) const { return sets_[set_of(index)].location; }

  // Returns a response as text, special tokens left out.
  std::string decode(std::span<const std::int32_t> response) const {
    return tokenizer_.decode(response, true);
  }

  // Returns the ids that end a response.
  const std::vector<std::int32_t>& stop_tokens() const { return stop_tokens_; }

 private:
  void add(TaskSource source, const text::ChatFormat& format, const TaskOptions& options);
  bool is_scorable(const std::string& location, const data::Example& example, bool skip) const;

  std::vector<TaskSet> sets_;
  std::vector<data::Example> examples_;
  text::Tokenizer tokenizer_;
  reward::RewardFunction reward_;
  std::vector<std::vector<std::int32_t>> prompts_;
  std::vector<std::int32_t> stop_tokens_;
};

}  // namespace tempo::train
