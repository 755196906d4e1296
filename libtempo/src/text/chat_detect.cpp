#include <array>

#include "tempo/core/error.h"
#include "tempo/text/chat.h"

namespace tempo::text {

namespace {

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
// before a conversation without one.
std::optional<std::string> find_default_system(std::string_view chat_template) {
  constexpr std::array<std::string_view, 2> kOpenings{"<|im_start|>system\\n", "<|im_start|>system\n"};
  for (const std::string_view opening : kOpenings) {
    for (std::size_t at = chat_template.find(opening); at != std::string_view::npos;
         at = chat_template.find(opening, at + 1)) {
      const std::string_view rest = chat_template.substr(at + opening.size());
      const std::string_view turn = rest.substr(0, rest.find("<|im_end|>"));
      const bool whole = turn.size() < rest.size() && turn.find_first_of("'\"") == std::string_view::npos &&
                         !contains(turn, "{{");
      if (whole) return unescape(turn);
    }
  }
  return std::nullopt;
}

// What a template is: a format, or why none fits.
struct Verdict {
  std::optional<ChatFormat> format;
  std::string_view reason;
};

Verdict detect_chatml(std::string_view text) {
  if (!contains(text, "<|im_end|>")) return {std::nullopt, "one without <|im_end|>"};
  if (contains(text, "enable_thinking") && contains(text, "last_query_index"))
    return {chat_format("qwen3"), ""};
  if (contains(text, "think")) return {std::nullopt, "one with thoughts that is not Qwen3's"};
  if (contains(text, "trim") || contains(text, "strip")) return {std::nullopt, "one that trims its messages"};
  ChatFormat detected = chat_format("chatml");
  detected.default_system = find_default_system(text);
  for (const std::string& name : chat_format_names()) {
    ChatFormat known = chat_format(name);
    known.name = detected.name;
    if (known == detected) return {chat_format(name), ""};
  }
  return {detected, ""};
}

Verdict detect_llama3(std::string_view text) {
  if (!contains(text, "<|eot_id|>") || !contains(text, "trim") || contains(text, "think")) {
    return {std::nullopt, "one with Llama 3's tokens that is not Llama 3's"};
  }
  return {chat_format(contains(text, "Cutting Knowledge Date: December 2023") ? "llama3.1" : "llama3"), ""};
}

Verdict detect_gemma(std::string_view text) {
  if (!contains(text, "<end_of_turn>") || !contains(text, "trim")) {
    return {std::nullopt, "one with Gemma's tokens that is not Gemma's"};
  }
  return {chat_format(contains(text, "System role not supported") ? "gemma2" : "gemma3"), ""};
}

Verdict detect_instructions(std::string_view text) {
  const bool spaced = contains(text, "'[INST] '") || contains(text, "\"[INST] \"");
  if (contains(text, "[SYSTEM_PROMPT]")) return {std::nullopt, "one with [SYSTEM_PROMPT]"};
  if (contains(text, "<<SYS>>")) {
    if (contains(text, "strip") && spaced) return {chat_format("llama2"), ""};
    return {std::nullopt, "one with <<SYS>> that is not Llama 2's"};
  }
  if (contains(text, "[AVAILABLE_TOOLS]"))
    return {chat_format(spaced ? "mistral-v3" : "mistral-v3-tekken"), ""};
  if (contains(text, "' [INST] '") || contains(text, "\" [INST] \"")) return {chat_format("mistral-v1"), ""};
  const bool first =
      spaced && contains(text, "' [/INST]'") && !contains(text, "strip") && !contains(text, "trim");
  if (first && !contains(text, "eos_token + ' '")) return {chat_format("mistral"), ""};
  return {std::nullopt, "one with [INST] that is not Mistral's"};
}

Verdict detect(std::string_view text) {
  if (contains(text, "<|im_start|>")) return detect_chatml(text);
  if (contains(text, "<|start_header_id|>")) return detect_llama3(text);
  if (contains(text, "<start_of_turn>")) return detect_gemma(text);
  if (contains(text, "[INST]")) return detect_instructions(text);
  return {std::nullopt, "one of another family"};
}

}  // namespace

ChatFormat detect_chat_format(const Tokenizer& tokenizer) {
  const auto& text = tokenizer.chat_template();
  const Verdict verdict = text ? detect(*text) : Verdict{std::nullopt, "none"};
  if (verdict.format) return *verdict.format;
  std::string names;
  for (const std::string& name : chat_format_names()) names += (names.empty() ? "" : ", ") + name;
  core::fail(tokenizer.location(),
             ": expected a chat template of the ChatML, Llama, Gemma or Mistral family, got ", verdict.reason,
             "; set the chat format to one of ", names);
}

}  // namespace tempo::text
