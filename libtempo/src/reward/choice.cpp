#include "tempo/reward/choice.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

constexpr string_view kBefore = " \t\r\n*_`\"'$([{:";  // may stand before a letter
constexpr string_view kAfter = " \t\r\n*_`\"'$)]}";    // may stand behind it
constexpr string_view kEnds = ".,:;!?)]}*";            // set a letter off from the text behind it

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_alpha(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

void skip(string_view& text, string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

// Skips what may stand before a letter: marks, TeX text commands, "option".
void skip_to_letter(string_view& text) {
  constexpr std::array<string_view, 6> kWords = {"\\text{",   "\\textbf{", "\\mathrm{",
                                                 "\\mathbf{", "option ",   "choice "};
  skip(text, kBefore);
  for (bool again = true; again;) {
    again = false;
    for (const string_view word : kWords) {
      if (lower_ascii(text.substr(0, word.size())) != word) continue;
      text.remove_prefix(word.size());
      skip(text, kBefore);
      again = true;
    }
  }
}

// A letter at the begin of text, and whether marks set it off from what follows.
struct Lead {
  char letter = '\0';  // '\0': none
  bool set_off = false;
};

// Takes one letter that is no word's first from the text. A small one must be set off: "a" is also a word.
Lead take_letter(string_view& text) {
  if (text.empty() || !is_alpha(text[0])) return {};
  const char next = text.size() > 1 ? text[1] : '\n';
  if (is_alnum(next) || static_cast<unsigned char>(next) >= 0x80 || next == '\'') return {};
  const bool set_off = next == '\n' || next == '\r' || kEnds.find(next) != kEnds.npos;
  if (std::islower(static_cast<unsigned char>(text[0])) != 0 && !set_off) return {};
  const Lead lead{text[0], set_off};
  text.remove_prefix(1);
  return lead;
}

// Appends the letters that text begins with: "B", "(B) and (C)", "A, C". Returns whether the first is set
// off.
bool add_leading_letters(string_view text, std::string& letters) {
  constexpr std::array<string_view, 6> kJoints = {",", "/", "&", "+", "and ", "or "};
  skip_to_letter(text);
  const Lead first = take_letter(text);
  if (first.letter == '\0') return false;
  letters += upper(first.letter);
  for (bool joined = true; joined;) {
    skip(text, kAfter);
    joined = false;
    for (const string_view joint : kJoints) {
      if (!text.starts_with(joint)) continue;
      text.remove_prefix(joint.size());
      skip(text, kAfter);
      joined = true;
    }
    if (!joined) break;
    skip_to_letter(text);
    if (text.empty() || std::isupper(static_cast<unsigned char>(text[0])) == 0) break;
    const Lead next = take_letter(text);
    if (next.letter == '\0') break;
    letters += next.letter;
  }
  return first.set_off;
}

string_view first_line(string_view text) { return text.substr(0, text.find('\n')); }
string_view last_line(string_view text) { return text.substr(text.rfind('\n') + 1); }

// Returns the letters that the first and the last line begin with, set off from what follows. Lines that
// begin with a parenthesis are left to parenthesised_letters, which sees whether they hold several.
std::string line_letters(string_view text) {
  std::string letters;
  for (const string_view line : {first_line(trim(text)), last_line(trim(text))}) {
    std::string here;
    const size_t begin = line.find_first_not_of(" \t*_`\"'");
    if (begin == line.npos || line[begin] == '(') continue;
    if (add_leading_letters(line, here)) letters += here;
  }
  return letters;
}

std::string parenthesised_letters(string_view text) {
  std::string letters;
  for (size_t at = 0; (at = text.find('(', at)) != text.npos; ++at) {
    const string_view three = text.substr(at, 3);
    if (three.size() == 3 && three[2] == ')' && three[1] >= 'A' && three[1] <= 'Z') letters += three[1];
  }
  return letters;
}

// Returns the letters that the response chooses, upper case, each once, ascending.
std::string chosen_letters(string_view text) {
  std::string letters;
  const auto marked = marked_answers(text);
  for (const string_view span : marked.spans) add_leading_letters(span, letters);
  const bool decisive = marked.marker == Marker::kBoxed || marked.marker == Marker::kTag;
  if (letters.empty() && !decisive) letters = line_letters(text);
  if (letters.empty() && !decisive) letters = parenthesised_letters(text);
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  return letters;
}

std::string upper_letters(string_view text) {
  std::string letters(text);
  std::transform(letters.begin(), letters.end(), letters.begin(), upper);
  return letters;
}

}  // namespace

Verdict score_choice(string_view response, string_view answer, string_view letters) {
  const std::string options = upper_letters(letters), right = upper_letters(trim(answer));
  TEMPO_CHECK(right.size() == 1 && options.find(right) != options.npos, "expected one of the letters '",
              options, "' as the answer, got ", quoted(answer));
  const std::string chosen = chosen_letters(after_thoughts(response));
  if (chosen.empty()) return {.score = 0, .reason = "no letter in the response", .extracted = {}};
  if (chosen.size() > 1) return {.score = 0, .reason = "several letters: " + chosen, .extracted = chosen};
  if (options.find(chosen) == options.npos) {
    return {.score = 0, .reason = chosen + " is none of the options " + options, .extracted = chosen};
  }
  const bool same = chosen == right;
  return {.score = same ? 1.0 : 0.0,
          .reason = core::concat(chosen, same ? " equals " : " differs from ", right),
          .extracted = chosen};
}

}  // namespace tempo::reward
