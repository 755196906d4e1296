// Conversations as the text that a chat model was trained on.
#pragma once

#include <cstdint>
#include <optional>
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

// What stands around the content of a turn.
struct TurnFormat {
  std::string before;
  std::string after;
  bool trim = false;  // white space at both ends of the content is left out
  bool operator==(const TurnFormat&) const = default;
};

// Where a system message that comes first is said.
enum class SystemPlace {
  kTurn,       // in a turn of its own
  kFirstUser,  // at the begin of the first user turn
  kLastUser    // at the begin of the last turn, if that is a user's; elsewhere it is left out
};

// How a model's conversations are written: ChatML, Llama, Gemma, Mistral, or a user's own.
struct ChatFormat {
  std::string name;
  std::string begin;          // before the first turn
  TurnFormat opening_system;  // of a system message that comes first; "{date}" in it is `date`
  TurnFormat system;          // of later ones
  TurnFormat user;
  TurnFormat assistant;
  std::string generation;  // opens the answer
  SystemPlace system_place = SystemPlace::kTurn;
  std::optional<std::string> default_system;  // the system message of a conversation that has none
  bool takes_system = true;                   // false: a system message is an error
  bool alternate = false;                     // user and assistant must take turns after a system message
  bool trim_joined = false;                   // a user turn is trimmed together with the system message in it
  bool thinking = false;                      // Qwen3: <think> blocks, which can be switched off
  std::vector<std::string> stop;              // tokens that end an answer; the first must exist
  std::string date = "26 Jul 2024";           // today's, for Llama 3.1 and later: the one of its template
  bool operator==(const ChatFormat&) const = default;
};

struct ChatOptions {
  bool enable_thinking =
      true;  // false: the generation prompt holds an empty <think> block, where the format has them
};

// A format in a user's own words. "{content}" stands for what a turn says; other braces are themselves.
struct ChatTemplate {
  std::string begin{};              // before the first turn
  std::string system{};             // empty: system messages are errors
  std::string user{};               // must be there
  std::string assistant{};          // must be there
  std::string generation{};         // opens the answer
  std::vector<std::string> stop{};  // tokens that end an answer beside the tokenizer's end token
  // Throws tempo::Error naming the field.
  void validate() const;
};

// The names that chat_format knows.
std::vector<std::string> chat_format_names();

// Returns the format of a name. Throws tempo::Error, listing the names, for another one.
ChatFormat chat_format(std::string_view name);

// Returns the format that the template describes, named custom. Throws tempo::Error as its validate() does.
ChatFormat custom_chat_format(const ChatTemplate& own);

// Returns the format that the tokenizer's chat template describes, judged by what its text holds; the default
// system turn of the ChatML family is read from it. Throws tempo::Error, listing the names that can be set
// instead, when the tokenizer has no chat template or one of another family.
ChatFormat detect_chat_format(const Tokenizer& tokenizer);

// Returns the conversation as text, equal to what the model's own template gives, begin-of-text token and
// all: Tokenizer::encode adds none. add_generation_prompt: ends with the opening of an assistant turn. In
// Qwen3's format, thoughts of assistant turns before the last question are left out. A system message is put
// into the first user turn also for Gemma 2 and the first Mistral, whose templates refuse it.
// Requires: at least one message, roles as above, in the order that the format asks for; throws tempo::Error
// otherwise.
std::string render_chat(const ChatFormat& format, std::span<const Message> messages,
                        bool add_generation_prompt, const ChatOptions& options = {});

// Returns the ids at which an answer ends, ascending: the format's stop tokens that exist and the tokenizer's
// end token. Throws tempo::Error when the tokenizer lacks the first stop token, or has no end token where
// the format names none.
std::vector<std::int32_t> stop_tokens(const ChatFormat& format, const Tokenizer& tokenizer);

}  // namespace tempo::text
