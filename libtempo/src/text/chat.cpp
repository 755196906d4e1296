#include "tempo/text/chat.h"

#include <algorithm>
#include <array>

#include "chat_thoughts.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

// What Python's str.strip takes away.
bool is_stripped(char32_t code) { return is_white_space(code) || (code >= 0x1C && code <= 0x1F); }

std::string_view strip(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = read_utf8(text, 0);
    if (!first.valid || !is_stripped(first.value)) break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    const CodePoint last = last_utf8(text);
    if (!last.valid || !is_stripped(last.value)) break;
    text.remove_suffix(last.length);
  }
  return text;
}

std::string around(const TurnFormat& turn, std::string_view content) {
  return core::concat(turn.before, turn.trim ? strip(content) : content, turn.after);
}

// Puts the date into the opening system turn, never into what a user wrote.
TurnFormat with_date(const ChatFormat& format) {
  constexpr std::string_view kDate = "{date}";
  TurnFormat turn = format.opening_system;
  const std::size_t at = turn.before.find(kDate);
  if (at != std::string::npos) turn.before.replace(at, kDate.size(), format.date);
  return turn;
}

void check_roles(const ChatFormat& format, std::span<const Message> turns) {
  constexpr std::array<std::string_view, 3> kRoles{"system", "user", "assistant"};
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const std::string& role = turns[i].role;
    TEMPO_CHECK(std::ranges::find(kRoles, role) != kRoles.end(),
                "render_chat: expected the role system, user or assistant, got ", printable(role));
    const std::string_view due = i % 2 == 0 ? "user" : "assistant";
    TEMPO_CHECK(!format.alternate || role == due, "render_chat: expected a turn of ", due, " as ",
                format.name, " conversations alternate, got one of ", role);
    TEMPO_CHECK(format.takes_system || role != "system", "render_chat: expected no system message, as the ",
                "chat format ", format.name, " has none, got one");
  }
}

bool holds_system(SystemPlace place, std::size_t at, std::size_t turns) {
  return (place == SystemPlace::kFirstUser && at == 0) ||
         (place == SystemPlace::kLastUser && at + 1 == turns);
}

// `system` is what the turn has to say before its own content, if it is the one to do so.
std::string user_turn(const ChatFormat& format, const Message& message, const std::string& system) {
  std::string content = system;
  content += format.user.trim ? strip(message.content) : std::string_view(message.content);
  if (format.trim_joined) content = strip(content);
  return core::concat(format.user.before, content, format.user.after);
}

}  // namespace

std::string render_chat(const ChatFormat& format, std::span<const Message> messages,
                        bool add_generation_prompt, const ChatOptions& options) {
  TEMPO_CHECK(!messages.empty(), "render_chat: expected at least one message, got none");
  std::optional<std::string> system = format.default_system;
  std::span<const Message> turns = messages;
  if (messages[0].role == "system" && format.takes_system) {
    system = messages[0].content;
    turns = messages.subspan(1);
  }
  check_roles(format, turns);
  const std::string opening = system ? around(with_date(format), *system) : "";
  const bool own_turn = format.system_place == SystemPlace::kTurn;
  TEMPO_CHECK(own_turn || !turns.empty(), "render_chat: expected a user turn to hold the system message of ",
              format.name, ", got none");
  std::string out = format.begin + (own_turn ? opening : "");
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (turns[i].role == "user") {
      out += user_turn(format, turns[i], holds_system(format.system_place, i, turns.size()) ? opening : "");
    } else if (turns[i].role == "assistant") {
      out += around(format.assistant, format.thinking ? with_thoughts(turns, i) : turns[i].content);
    } else {
      out += around(format.system, turns[i].content);
    }
  }
  if (!add_generation_prompt) return out;
  return out + format.generation + (format.thinking && !options.enable_thinking ? kNoThoughts : "");
}

std::vector<std::int32_t> stop_tokens(const ChatFormat& format, const Tokenizer& tokenizer) {
  std::vector<std::int32_t> ids;
  for (const std::string& text : format.stop) {
    const std::optional<std::int32_t> id = tokenizer.find(text);
    TEMPO_CHECK(id || &text != &format.stop.front(), tokenizer.location(), ": expected a token ", text,
                " for the chat format ", format.name, ", got none");
    if (id) ids.push_back(*id);
  }
  if (const auto eos = tokenizer.eos_id()) ids.push_back(*eos);
  TEMPO_CHECK(!ids.empty(), tokenizer.location(), ": expected an end token for the chat format ", format.name,
              ", which names no token to stop at, got none");
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

}  // namespace tempo::text
