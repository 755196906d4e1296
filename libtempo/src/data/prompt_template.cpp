#include "tempo/data/prompt_template.h"

#include <algorithm>
#include <string_view>

#include "tempo/core/error.h"

namespace tempo::data {
namespace {

std::string option_lines(const Example& example) {
  std::string lines;
  for (const auto& [letter, text] : example.options) {
    if (!lines.empty()) lines += '\n';
    lines += letter + ". " + text;
  }
  return lines;
}

std::string filled_in(std::string_view name, const Example& example) {
  TEMPO_CHECK(name != "options" || !example.options.empty(),
              "user: expected options for {options}, got none in example '", example.id, "'");
  if (name == "problem") return example.problem;
  if (name == "options") return option_lines(example);
  return example.options.empty() ? example.problem : example.problem + "\n\n" + option_lines(example);
}

// Calls text(string_view) and placeholder(name) for the parts of a template, in order.
template <typename Text, typename Placeholder>
void for_each_part(std::string_view source, Text&& text, Placeholder&& placeholder) {
  while (!source.empty()) {
    const std::size_t brace = std::min(source.find_first_of("{}"), source.size());
    text(source.substr(0, brace));
    source.remove_prefix(brace);
    if (source.empty()) return;
    if (source.starts_with("{{") || source.starts_with("}}")) {
      text(source.substr(0, 1));
      source.remove_prefix(2);
      continue;
    }
    const std::size_t end = source.find('}');
    TEMPO_CHECK(source[0] == '{' && end != source.npos,
                "user: expected {placeholder}, {{ or }}, got a single '", source[0], "'");
    const std::string_view name = source.substr(1, end - 1);
    TEMPO_CHECK(name == "problem" || name == "options" || name == "question",
                "user: expected {problem}, {options} or {question}, got {", name, "}");
    placeholder(name);
    source.remove_prefix(end + 1);
  }
}

}  // namespace

void PromptTemplate::validate() const {
  for_each_part(
      user, [](std::string_view) {}, [](std::string_view) {});
}

Prompt render_prompt(const PromptTemplate& prompt_template, const Example& example) {
  Prompt prompt{.system = prompt_template.system, .user = {}};
  for_each_part(
      prompt_template.user, [&](std::string_view text) { prompt.user += text; },
      [&](std::string_view name) { prompt.user += filled_in(name, example); });
  return prompt;
}

}  // namespace tempo::data
