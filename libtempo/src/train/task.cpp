#include "tempo/train/task.h"

#include <algorithm>
#include <filesystem>
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
  TEMPO_CHECK(min_prompt_tokens >= 0 && min_prompt_tokens <= max_prompt_tokens,
              "min_prompt_tokens: expected 0 to max_prompt_tokens, ", max_prompt_tokens, ", got ",
              min_prompt_tokens);
}

Task::Task(std::vector<TaskSource> sources, text::Tokenizer tokenizer, const text::ChatFormat& format,
           reward::RewardFunction reward, const TaskOptions& options)
    : tokenizer_(std::move(tokenizer)),
      reward_(std::move(reward)),
      stop_tokens_(text::stop_tokens(format, tokenizer_)) {
  options.validate();
  TEMPO_CHECK(!sources.empty(), "Task: expected at least one data set, got none");
  for (TaskSource& source : sources) add(std::move(source), format, options);
  reward_.start(examples_.front());
}

Task::Task(std::string location, std::vector<data::Example> examples, text::Tokenizer tokenizer,
           const text::ChatFormat& format, reward::RewardFunction reward, const TaskOptions& options)
    : Task({{.name = std::filesystem::path(location).stem().string(),
             .location = location,
             .weight = {},
             .prompt = options.prompt,
             .examples = std::move(examples)}},
           std::move(tokenizer), format, std::move(reward), options) {}

void Task::add(TaskSource source, const text::ChatFormat& format, const TaskOptions& options) {
  TaskSet set{.name = std::move(source.name),
              .location = std::move(source.location),
              .weight = source.weight,
              .first = size()};
  for (data::Example& example : source.examples) {
    if (!is_scorable(set.location, example, options.skip_unscorable)) {
      ++set.skipped_unscorable;
      continue;
    }
    const auto messages = conversation(rendered(set.location, source.prompt, example));
    auto prompt = tokenizer_.encode(text::render_chat(format, messages, true, options.chat));
    const auto tokens = static_cast<std::int64_t>(prompt.size());
    const bool is_long = tokens > options.max_prompt_tokens, is_short = tokens < options.min_prompt_tokens;
    TEMPO_CHECK(!is_long || options.skip_long_prompts, set.location, ": example ", example.id,
                ": expected a prompt of at most ", options.max_prompt_tokens,
                " tokens (max_prompt_tokens, skip_long_prompts), got ", tokens);
    set.skipped_long += is_long ? 1 : 0;
    set.skipped_short += is_short ? 1 : 0;
    if (is_long || is_short) continue;
    prompts_.push_back(std::move(prompt));
    examples_.push_back(std::move(example));
  }
  set.size = size() - set.first;
  TEMPO_CHECK(set.size > 0, set.location, ": expected examples that can be used, got ", set.skipped_long,
              " with longer prompts, ", set.skipped_short, " with shorter ones and ", set.skipped_unscorable,
              " that the rewards cannot score");
  sets_.push_back(std::move(set));
}

void Task::remove(std::span<const std::int64_t> indices) {
  std::size_t kept = 0, next = 0;
  for (TaskSet& set : sets_) {
    const std::int64_t begin = set.first, end = set.first + set.size;
    set.first = static_cast<std::int64_t>(kept);
    for (std::int64_t i = begin; i < end; ++i) {
      if (next < indices.size() && indices[next] == i) {
        ++next;
        continue;
      }
      const auto from = static_cast<std::size_t>(i);
      if (from != kept) {
        examples_[kept] = std::move(examples_[from]);
        prompts_[kept] = std::move(prompts_[from]);
      }
      ++kept;
    }
    set.size = static_cast<std::int64_t>(kept) - set.first;
    TEMPO_CHECK(set.size > 0, set.location, ": expected examples that can be used, got ", end - begin,
                " that are left out");
  }
  examples_.resize(kept);
  prompts_.resize(kept);
}

std::size_t Task::set_of(std::int64_t index) const {
  const auto after = std::upper_bound(sets_.begin(), sets_.end(), index,
                                      [](std::int64_t i, const TaskSet& set) { return i < set.first; });
  return static_cast<std::size_t>(after - sets_.begin()) - 1;
}

data::PromptOrder Task::order(std::uint64_t seed, bool shuffle) const {
  std::vector<data::SetShare> shares;
  for (const TaskSet& set : sets_)
    shares.push_back({.examples = set.size, .weight = set.weight.value_or(static_cast<double>(set.size))});
  return {shares, seed, shuffle};
}

bool Task::is_scorable(const std::string& location, const data::Example& example, bool skip) const {
  try {
    reward_.check(example);
    return true;
  } catch (const Error& error) {
    if (skip) return false;
    core::fail(location, ": ", error.what());
  }
}

}  // namespace tempo::train
