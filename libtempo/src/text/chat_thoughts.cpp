#include "chat_thoughts.h"

#include <string_view>

#include "tempo/core/error.h"

namespace tempo::text {

namespace {

constexpr std::string_view kThinkBegin = "<think>";
constexpr std::string_view kThinkEnd = "</think>";

std::string_view strip_left(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  return text;
}

std::string_view strip_right(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

struct Answer {
  std::string_view thoughts;
  std::string_view content;
};

// The thoughts of an assistant turn, if it has a <think> block, apart from what it says after it.
Answer take_apart(std::string_view content) {
  const std::size_t first_end = content.find(kThinkEnd);
  if (first_end == std::string_view::npos) return {{}, content};
  std::string_view thoughts = strip_right(content.substr(0, first_end));
  const std::size_t begin = thoughts.rfind(kThinkBegin);
  if (begin != std::string_view::npos) thoughts.remove_prefix(begin + kThinkBegin.size());
  const std::size_t last_end = content.rfind(kThinkEnd);
  return {strip_left(thoughts), strip_left(content.substr(last_end + kThinkEnd.size()))};
}

// The index of the last question. Answers of tools stand in user turns too, and are none.
std::size_t last_question(std::span<const Message> messages) {
  for (std::size_t i = messages.size(); i-- > 0;) {
    const std::string& content = messages[i].content;
    const bool tool_answer = content.starts_with("<tool_response>") && content.ends_with("</tool_response>");
    if (messages[i].role == "user" && !tool_answer) return i;
  }
  return messages.size() - 1;
}

}  // namespace

std::string with_thoughts(std::span<const Message> messages, std::size_t at) {
  const Answer answer = take_apart(messages[at].content);
  const bool last = at + 1 == messages.size();
  if (at <= last_question(messages) || (!last && answer.thoughts.empty())) return std::string(answer.content);
  return core::concat(kThinkBegin, '\n', strip_right(answer.thoughts), '\n', kThinkEnd, "\n\n",
                      strip_left(answer.content));
}

}  // namespace tempo::text
