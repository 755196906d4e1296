#include "option_text.h"

#include <algorithm>
#include <cctype>

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

// Returns the length of a TeX command with an argument at `at`, its brace included; 0 where there is none.
size_t command_length(string_view text, size_t at) {
  if (text[at] != '\\') return 0;
  size_t end = at + 1;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
  return end < text.size() && text[end] == '{' ? end + 1 - at : 0;
}

// Whether the character at `at` is part of a number: a sign beside a digit, a point between two.
bool is_number_mark(string_view text, size_t at) {
  constexpr string_view kSigns = "+-<>=%^~", kInner = ".,/:";
  const bool before = at > 0 && is_digit(text[at - 1]);
  const bool after = at + 1 < text.size() && is_digit(text[at + 1]);
  if (kSigns.find(text[at]) != kSigns.npos) return before || after;
  return before && after && kInner.find(text[at]) != kInner.npos;
}

}  // namespace

std::string plain_words(string_view text) {
  std::string words;
  bool space = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_word(text[i]) || is_number_mark(text, i)) {
      if (space && !words.empty()) words += ' ';
      words += lower(text[i]);
      space = false;
      continue;
    }
    const size_t command = command_length(text, i);
    if (command > 0) i += command - 1;
    space = true;
  }
  return words;
}

OptionTexts::OptionTexts(Options options) {
  size_t longest = 0;
  for (const auto& [letter, text] : options) {
    if (letter.empty()) continue;
    entries_.push_back({plain_words(text), upper(letter[0])});
    longest = std::max(longest, entries_.back().words.size());
  }
  constexpr size_t kPunctuation = 200;
  max_bytes_ = 4 * longest + kPunctuation;
}

char OptionTexts::find(string_view text) const {
  if (text.size() > max_bytes_) return '\0';
  const std::string words = plain_words(text);
  const auto same = [&](const Entry& entry) { return entry.words == words; };
  const auto found = std::find_if(entries_.begin(), entries_.end(), same);
  const bool one = !words.empty() && std::count_if(entries_.begin(), entries_.end(), same) == 1;
  return one ? found->letter : '\0';
}

}  // namespace tempo::reward
