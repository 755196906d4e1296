// A data set as a model sees it: prompts as token ids, and answers that can be scored.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/data/dataset.h"
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
  bool skip_unscorable = false;  // a reward cannot score them, as a number reward a text

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Immutable; all members may be called from many threads.
class Task {
 public:
  // Renders and encodes every prompt. `location` names the data in errors.
  // Throws tempo::Error: a template or a reward that does not fit an example, a prompt that is too long, no
  // example that is left, a reward's program that does not start.
  Task(std::string location, std::vector<data::Example> examples, text::Tokenizer tokenizer,
       const text::ChatFormat& format, reward::RewardFunction reward, const TaskOptions& options);

  // Examples that were left out.
  std::int64_t skipped_long() const { return skipped_long_; }
  std::int64_t skipped_unscorable() const { return skipped_unscorable_; }

  std::int64_t size() const { return static_cast<std::int64_t>(examples_.size()); }
  const data::Example& example(std::int64_t index) const {
    return examples_[static_cast<std::size_t>(index)];
  }
  const std::vector<std::int32_t>& prompt(std::int64_t index) const {
    return prompts_[static_cast<std::size_t>(index)];
  }
  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const reward::RewardFunction& reward() const { return reward_; }

  // Where the examples come from, for messages.
  const std::string& location() const { return location_; }

  // Returns a response as text, special tokens left out.
  std::string decode(std::span<const std::int32_t> response) const {
    return tokenizer_.decode(response, true);
  }

  // Returns the ids that end a response.
  const std::vector<std::int32_t>& stop_tokens() const { return stop_tokens_; }

 private:
  bool is_scorable(const data::Example& example, bool skip) const;

  std::string location_;
  std::vector<data::Example> examples_;
  text::Tokenizer tokenizer_;
  reward::RewardFunction reward_;
  std::vector<std::vector<std::int32_t>> prompts_;
  std::int64_t skipped_long_ = 0, skipped_unscorable_ = 0;
  std::vector<std::int32_t> stop_tokens_;
};

}  // namespace tempo::train
