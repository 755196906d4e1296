#include "tempo/train/task.h"

#include <utility>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

std::vector<text::Message> conversation(const data::Prompt& prompt) {
  std::vector<text::Message> messages;
  if (!prompt.system.empty()) messages.push_back({"system", prompt.system});
  messages.push_back({"user", prompt.user});
  return messages;
}

}  // namespace

void TaskOptions::validate() const {
  prompt.validate();
  TEMPO_CHECK(max_prompt_tokens > 0, "max_prompt_tokens: expected 1 or more, got ", max_prompt_tokens);
}

Task::Task(std::string location, std::vector<data::Example> examples, text::Tokenizer tokenizer,
           const text::ChatFormat& format, reward::RewardFunction reward, const TaskOptions& options)
    : location_(std::move(location)),
      examples_(std::move(examples)),
      tokenizer_(std::move(tokenizer)),
      reward_(std::move(reward)),
      stop_tokens_(text::stop_tokens(format, tokenizer_)) {
  options.validate();
  prompts_.reserve(examples_.size());
  for (const data::Example& example : examples_) {
    reward_.check(example);
    const auto messages = conversation(data::render_prompt(options.prompt, example));
    prompts_.push_back(tokenizer_.encode(text::render_chat(format, messages, true, options.chat)));
    TEMPO_CHECK(prompts_.back().size() <= static_cast<std::size_t>(options.max_prompt_tokens), location_,
                ": example ", example.id, ": expected a prompt of at most ", options.max_prompt_tokens,
                " tokens (max_prompt_tokens), got ", prompts_.back().size());
  }
}

}  // namespace tempo::train
