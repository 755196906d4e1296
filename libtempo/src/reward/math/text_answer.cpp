#include "text_answer.h"

#include <optional>

#include "parser.h"

namespace tempo::reward::math {
namespace {

using std::string_view;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '\''; }

// Whether a capital letter stands alone at i.
bool alone(string_view text, std::size_t i) {
  const bool before = i > 0 && (is_word(text[i - 1]) || text[i - 1] == '\\');
  const bool behind = i + 1 < text.size() && is_word(text[i + 1]);
  return text[i] >= 'A' && text[i] <= 'Z' && !before && !behind;
}

// Returns the letter that a text of more than a letter chooses: one in front, as in "C. Cecile", else the
// last that stands alone.
std::optional<char> chosen(string_view text) {
  const std::size_t first = text.find_first_not_of(" ([*");
  if (first != text.npos && alone(text, first) && first + 1 < text.size() &&
      string_view(".):]*").find(text[first + 1]) != text.npos) {
    return text[first];
  }
  for (std::size_t i = text.size(); i-- > 0;) {
    const bool pronoun = text[i] == 'I' && i + 1 < text.size() && text[i + 1] == ' ';
    const bool article =
        text[i] == 'A' && i + 2 < text.size() && text[i + 1] == ' ' && is_letter(text[i + 2]);
    if (alone(text, i) && !pronoun && !article) return text[i];
  }
  return std::nullopt;
}

}  // namespace

bool same_words(string_view a, string_view b, Budget& budget) {
  const std::string x = plain_text(a, budget), y = plain_text(b, budget);
  if (x == y) return !x.empty();
  const auto letter = [](const std::string& plain) {
    const std::string_view inner =
        plain.size() == 3 && plain[0] == '(' ? string_view(plain).substr(1, 1) : plain;
    return inner.size() == 1 && is_letter(inner[0]) ? inner[0] : '\0';
  };
  const auto chooses = [](char one, string_view text) {
    const auto other = chosen(text);
    return one != '\0' && other && *other - 'A' + 'a' == one;
  };
  return chooses(letter(x), b) || chooses(letter(y), a);
}

}  // namespace tempo::reward::math
