// Finds the parts of a response that it marks as its answer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::reward {

enum class Marker { kNone, kBoxed, kTag, kPhrase };

// The answers under the strongest marker that the response has, in its order. Views into the response.
struct MarkedAnswers {
  Marker marker = Marker::kNone;
  std::vector<std::string_view> spans;
};

// Returns what follows the thoughts: all of a response without <think>, nothing of one whose thoughts never
// end.
std::string_view after_thoughts(std::string_view response);

// Returns the marked answers: \boxed{...} (braces balanced, the innermost of nested ones), else
// <answer>...</answer>, else the sentences after "####", "answer is", "answer:", "answer =", and after
// "option" and "choice" likewise. Linear in the text.
MarkedAnswers marked_answers(std::string_view text);

// Returns where an answer stood, for a reason.
std::string_view marker_name(Marker marker);

// Returns the text up to the end of its first sentence or line.
std::string_view first_sentence(std::string_view text);

std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);

// Returns the text in quotes for a reason: clipped to 60 bytes, one line, bytes that are not UTF-8 replaced.
std::string quoted(std::string_view text);

// Returns the text as quoted does, without the quotes, clipped to max_bytes.
std::string printable(std::string_view text, std::size_t max_bytes = 60);

// Returns the text with U+FFFD for each byte that is not UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace tempo::reward
