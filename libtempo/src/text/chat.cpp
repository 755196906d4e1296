#include "tempo/text/chat.h"

#include <algorithm>
#include <array>
#include <optional>

#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

constexpr std::string_view kTurnBegin = "<|im_start|>";
constexpr std::string_view kTurnEnd = "<|im_end|>";
constexpr std::string_view kTextEnd = "<|endoftext|>";
constexpr std::string_view kThinkBegin = "<think>";
constexpr std::string_view kThinkEnd = "</think>";

const std::array<ChatFormat, 6>& known_formats() {
  static const std::array<ChatFormat, 6> formats{{
      {"chatml", "", false},
      {"qwen2", "You are a helpful assistant.", false},
      {"qwen2.5", "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", false},
      {"qwen2.5-math", "Please reason step by step, and put your final answer within \\boxed{}.", false},
      {"qwen3", "", true},
      {"smollm2", "You are a helpful AI assistant named SmolLM, trained by Hugging Face", false},
  }};
  return formats;
}

std::string joined_names() {
  std::string joined;
  for (const std::string& name : chat_format_names()) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Resolves the escapes of string literals, in which templates write line breaks.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    ++i;
    out.push_back(text[i] == 'n' ? '\n' : text[i]);
  }
  return out;
}

// Returns the text of a system turn that the template holds in full, in one literal: the turn that it puts
// before a conversation without one. Empty if there is none.
std::string find_default_system(std::string_view chat_template) {
  constexpr std::array<std::string_view, 2> kOpenings{"<|im_start|>system\\n", "<|im_start|>system\n"};
  for (const std::string_view opening : kOpenings) {
    for (std::size_t at = chat_template.find(opening); at != std::string_view::npos;
         at = chat_template.find(opening, at + 1)) {
      const std::string_view rest = chat_template.substr(at + opening.size());
      const std::string_view turn = rest.substr(0, rest.find(kTurnEnd));
      const bool whole = turn.size() < rest.size() && turn.find_first_of("'\"") == std::string_view::npos &&
                         !contains(turn, "{{");
      if (whole) return unescape(turn);
    }
  }
  return {};
}

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

// Qwen3 keeps the thoughts of answers to the last question, and shows an empty block in the very last turn.
std::string thinking_answer(std::span<const Message> messages, std::size_t at) {
  const Answer answer = take_apart(messages[at].content);
  const bool last = at + 1 == messages.size();
  if (at <= last_question(messages) || (!last && answer.thoughts.empty())) return std::string(answer.content);
  return core::concat(kThinkBegin, '\n', strip_right(answer.thoughts), '\n', kThinkEnd, "\n\n",
                      strip_left(answer.content));
}

void append_turn(std::string& out, std::string_view role, std::string_view content) {
  out.append(kTurnBegin).append(role).append("\n").append(content).append(kTurnEnd).append("\n");
}

void check_messages(std::span<const Message> messages) {
  constexpr std::array<std::string_view, 3> kRoles{"system", "user", "assistant"};
  TEMPO_CHECK(!messages.empty(), "render_chat: expected at least one message, got none");
  for (const Message& message : messages) {
    TEMPO_CHECK(std::ranges::find(kRoles, message.role) != kRoles.end(),
                "render_chat: expected the role system, user or assistant, got ", printable(message.role));
  }
}

}  // namespace

std::vector<std::string> chat_format_names() {
  std::vector<std::string> names;
  for (const ChatFormat& format : known_formats()) names.push_back(format.name);
  return names;
}

ChatFormat chat_format(std::string_view name) {
  const auto found = std::ranges::find(known_formats(), name, &ChatFormat::name);
  TEMPO_CHECK(found != known_formats().end(), "chat_format: expected one of ", joined_names(), ", got ",
              printable(name));
  return *found;
}

ChatFormat detect_chat_format(const Tokenizer& tokenizer) {
  const auto refuse = [&](std::string_view got) {
    core::fail(tokenizer.location(), ": expected a chat template of the ChatML family, got ", got,
               "; set the chat format to one of ", joined_names());
  };
  if (!tokenizer.chat_template()) refuse("none");
  const std::string_view text = *tokenizer.chat_template();
  if (!contains(text, kTurnBegin) || !contains(text, kTurnEnd))
    refuse("one without <|im_start|> and <|im_end|>");
  if (contains(text, "enable_thinking") && contains(text, "last_query_index")) return chat_format("qwen3");
  if (contains(text, "think")) refuse("one with thoughts that is not Qwen3's");
  if (contains(text, "trim") || contains(text, "strip")) refuse("one that trims its messages");
  ChatFormat detected{"chatml", find_default_system(text), false};
  for (const ChatFormat& known : known_formats()) {
    if (known.default_system == detected.default_system && !known.thinking) return known;
  }
  return detected;
}

std::string render_chat(const ChatFormat& format, std::span<const Message> messages,
                        bool add_generation_prompt, const ChatOptions& options) {
  check_messages(messages);
  std::string out;
  if (messages[0].role != "system" && !format.default_system.empty()) {
    append_turn(out, "system", format.default_system);
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    const bool thinking = format.thinking && message.role == "assistant";
    append_turn(out, message.role, thinking ? thinking_answer(messages, i) : message.content);
  }
  if (add_generation_prompt) {
    out.append(kTurnBegin).append("assistant\n");
    if (format.thinking && !options.enable_thinking) out.append("<think>\n\n</think>\n\n");
  }
  return out;
}

std::vector<std::int32_t> stop_tokens(const ChatFormat& format, const Tokenizer& tokenizer) {
  const std::optional<std::int32_t> turn_end = tokenizer.find(kTurnEnd);
  TEMPO_CHECK(turn_end, tokenizer.location(), ": expected a token ", kTurnEnd, " for the chat format ",
              format.name, ", got none");
  std::vector<std::int32_t> ids{*turn_end};
  if (const auto eos = tokenizer.eos_id()) ids.push_back(*eos);
  if (const auto text_end = tokenizer.find(kTextEnd)) ids.push_back(*text_end);
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

}  // namespace tempo::text
