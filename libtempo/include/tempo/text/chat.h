// Conversations as the text that a chat model was trained on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/text/tokenizer.h"

namespace tempo::text {

// One turn of a conversation.
struct Message {
  std::string role;  // "system", "user" or "assistant"
  std::string content;
};

// A member of the ChatML family: every turn is <|im_start|>role, a line break, its content, <|im_end|>.
struct ChatFormat {
  std::string name = "chatml";
  std::string default_system;  // system turn of a conversation that has none; empty: no such turn
  bool thinking = false;       // Qwen3: <think> blocks, which can be switched off
  bool operator==(const ChatFormat&) const = default;
};

struct ChatOptions {
  bool enable_thinking =
      true;  // false: the generation prompt holds an empty <think> block, where the format has them
};

// The names that chat_format knows: chatml, qwen2, qwen2.5, qwen2.5-math, qwen3, smollm2.
std::vector<std::string> chat_format_names();

// Returns the format of a name. Throws tempo::Error, listing the names, for another one.
ChatFormat chat_format(std::string_view name);

// Returns the format that the tokenizer's chat template describes, judged by what its text holds; the default
// system turn is read from it. Throws tempo::Error, listing the names that can be set instead, when the
// tokenizer has no chat template or one of another family.
ChatFormat detect_chat_format(const Tokenizer& tokenizer);

// Returns the conversation as text, equal to what the model's own template gives. add_generation_prompt: ends
// with the opening of an assistant turn. In Qwen3's format, thoughts of assistant turns before the last
// question are left out. Requires: at least one message, roles as above; throws tempo::Error otherwise.
std::string render_chat(const ChatFormat& format, std::span<const Message> messages,
                        bool add_generation_prompt, const ChatOptions& options = {});

// Returns the ids at which an answer ends, ascending: <|im_end|>, the tokenizer's end token, and
// <|endoftext|> where it exists. Throws tempo::Error when the tokenizer lacks <|im_end|>.
std::vector<std::int32_t> stop_tokens(const ChatFormat& format, const Tokenizer& tokenizer);

}  // namespace tempo::text
