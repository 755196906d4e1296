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

// Errors begin with the location.
data::Prompt rendered(const std::string& location, const data::PromptTemplate& prompt_template,
                      const data::Example& example) {
  try {
    return data::render_prompt(prompt_template, example);
  } catch (const Error& error) {
    core::fail(location, ": prompt.", error.what());
  }
}

}  // namespace

void TaskOptions::validate() const {
  try {
    prompt.validate();
  } catch (const Error& error) {
    core::fail("prompt.", error.what());
  }
  TEMPO_CHECK(max_prompt_tokens > 0, "max_prompt_tokens: expected 1 or more, got ", max_prompt_tokens);
}

Task::Task(std::string location, std::vector<data::Example> examples, text::Tokenizer tokenizer,
           const text::ChatFormat& format, reward::RewardFunction reward, const TaskOptions& options)
    : location_(std::move(location)),
      tokenizer_(std::move(tokenizer)),
      reward_(std::move(reward)),
      stop_tokens_(text::stop_tokens(format, tokenizer_)) {
  options.validate();
  for (data::Example& example : examples) {
    if (!is_scorable(example, options.skip_unscorable)) {
      ++skipped_unscorable_;
      continue;
    }
    const auto messages = conversation(rendered(location_, options.prompt, example));
    auto prompt = tokenizer_.encode(text::render_chat(format, messages, true, options.chat));
    const bool is_long = prompt.size() > static_cast<std::size_t>(options.max_prompt_tokens);
    TEMPO_CHECK(!is_long || options.skip_long_prompts, location_, ": example ", example.id,
                ": expected a prompt of at most ", options.max_prompt_tokens,
                " tokens (max_prompt_tokens, skip_long_prompts), got ", prompt.size());
    if (is_long) {
      ++skipped_long_;
      continue;
    }
    prompts_.push_back(std::move(prompt));
    examples_.push_back(std::move(example));
  }
  TEMPO_CHECK(!examples_.empty(), location_, ": expected examples that can be used, got ", skipped_long_,
              " with longer prompts and ", skipped_unscorable_, " that the rewards cannot score");
  reward_.start(examples_.front());
}

bool Task::is_scorable(const data::Example& example, bool skip) const {
  try {
    reward_.check(example);
    return true;
  } catch (const Error& error) {
    if (skip) return false;
    core::fail(location_, ": ", error.what());
  }
}

}  // namespace tempo::train
