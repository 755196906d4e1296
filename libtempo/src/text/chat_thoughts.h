// The <think> blocks of Qwen3's assistant turns.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "tempo/text/chat.h"

namespace tempo::text {

inline constexpr const char* kNoThoughts = "<think>\n\n</think>\n\n";

// Returns the content of the assistant turn `at` as Qwen3 shows it: with its thoughts if it answers the last
// question, where the very last turn has a block even without thoughts, and else without.
std::string with_thoughts(std::span<const Message> messages, std::size_t at);

}  // namespace tempo::text
