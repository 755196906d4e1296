#include "tempo/reward/choice.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "extract.h"
#include "option_text.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

constexpr string_view kBefore = " \t\r\n*_`\"'$([{:";  // may stand before a letter
constexpr string_view kAfter = " \t\r\n*_`\"'$)]}";    // may stand behind it
constexpr string_view kEnds = ".,:;!?)]}*";            // set a letter off from the text behind it
constexpr size_t kMaxMarks = 64;  // of white space and marks behind a letter that stands alone

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

// The letters that a text begins with: "B", "(B) and (C)", "A, C".
struct Leading {
  std::string letters;
  bool set_off = false;  // the first, from what follows it
  string_view rest;      // the text behind them
};

Leading leading_letters(string_view text) {
  constexpr std::array<string_view, 6> kJoints = {",", "/", "&", "+", "and ", "or "};
  skip_to_letter(text);
  const Lead first = take_letter(text);
  if (first.letter == '\0') return {{}, false, text};
  Leading leading{{upper(first.letter)}, first.set_off, text};
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
    leading.letters += next.letter;
    leading.rest = text;
  }
  return leading;
}

// Appends the letters of `leading`, and that of another option whose text follows a single one.
void add_leading(const Leading& leading, const OptionTexts& texts, std::string& letters) {
  letters += leading.letters;
  const char other = leading.letters.size() == 1 ? texts.find(leading.rest) : '\0';
  if (other != '\0') letters += other;
}

bool is_alone(const Leading& leading) {
  return leading.letters.size() == 1 && plain_words(leading.rest.substr(0, kMaxMarks)).empty();
}

// Appends the options that a marked answer names. A letter alone is a letter, even where it is also a text.
// is_whole: the answer is not cut off, so that what follows a letter may be an option's text.
void add_named(string_view text, bool is_whole, const OptionTexts& texts, std::string& letters) {
  const Leading leading = leading_letters(text);
  const char named = is_alone(leading) ? '\0' : texts.find(text);
  if (named != '\0') {
    letters += named;
  } else if (is_whole) {
    add_leading(leading, texts, letters);
  } else {
    letters += leading.letters;
  }
}

size_t end_within(string_view text, string_view part) {
  return static_cast<size_t>(part.data() - text.data()) + part.size();
}

// Whether nothing but a period follows the sentence in its line.
bool ends_line(string_view text, string_view sentence) {
  const size_t end = end_within(text, sentence);
  return end + 1 >= text.size() || text[end] == '\n' || text[end + 1] == '\n';
}

// Returns the announced sentence, with the next one where its period may be an abbreviation's: "E. coli".
string_view with_abbreviation(string_view text, string_view sentence) {
  constexpr size_t kMaxLetter = 24;  // with the marks around it
  if (sentence.size() > kMaxLetter || leading_letters(sentence).letters.size() != 1) return sentence;
  const size_t end = end_within(text, sentence);
  if (end >= text.size() || text[end] != '.') return sentence;
  const string_view next = first_sentence(text.substr(end + 1));
  return {sentence.data(), sentence.size() + 1 + next.size()};
}

string_view first_line(string_view text) { return text.substr(0, text.find('\n')); }
string_view last_line(string_view text) { return text.substr(text.rfind('\n') + 1); }

// Returns the letters that the first and the last line begin with, set off from what follows. Lines that
// begin with a parenthesis are left to parenthesised_letters, which sees whether they hold several.
std::string line_letters(string_view text, const OptionTexts& texts) {
  std::string letters;
  for (const string_view line : {first_line(trim(text)), last_line(trim(text))}) {
    const size_t begin = line.find_first_not_of(" \t*_`\"'");
    if (begin == line.npos || line[begin] == '(') continue;
    const Leading leading = leading_letters(line);
    if (leading.set_off) add_leading(leading, texts, letters);
  }
  return letters;
}

std::string parenthesised_letters(string_view text) {
  std::string letters;
  for (size_t at = 0; (at = text.find('(', at)) != text.npos; ++at) {
    const string_view three = text.substr(at, 3);
    const bool in_word = at > 0 && is_alnum(text[at - 1]);  // "poly(A)"
    if (!in_word && three.size() == 3 && three[2] == ')' && three[1] >= 'A' && three[1] <= 'Z')
      letters += three[1];
  }
  return letters;
}

// Returns the letters of an answer that no marks set off.
std::string unmarked_letters(string_view text, const OptionTexts& texts) {
  const char named = is_alone(leading_letters(text)) ? '\0' : texts.find(text);
  if (named != '\0') return {named};
  const std::string letters = line_letters(text, texts);
  return letters.empty() ? parenthesised_letters(text) : letters;
}

// Returns the letters of the options that the response chooses, upper case, each once, ascending.
std::string chosen_letters(string_view text, const OptionTexts& texts) {
  std::string letters;
  const auto marked = marked_answers(text);
  const bool decisive = marked.marker == Marker::kBoxed || marked.marker == Marker::kTag;
  for (const string_view span : marked.spans) {
    const string_view answer = decisive ? span : with_abbreviation(text, span);
    add_named(answer, decisive || ends_line(text, answer), texts, letters);
  }
  if (letters.empty() && !decisive) letters = unmarked_letters(text, texts);
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  return letters;
}

std::string upper_letters(Options options) {
  std::string letters;
  for (const auto& [letter, text] : options) {
    TEMPO_CHECK(letter.size() == 1, "expected options with letters of one byte, got ", quoted(letter));
    letters += upper(letter[0]);
  }
  return letters;
}

}  // namespace

Verdict score_choice(string_view response, string_view answer, Options options) {
  const std::string letters = upper_letters(options);
  const string_view trimmed = trim(answer);
  const bool known = trimmed.size() == 1 && letters.find(upper(trimmed[0])) != letters.npos;
  TEMPO_CHECK(known, "expected one of the letters '", letters, "' as the answer, got ", quoted(answer));
  const char right = upper(trimmed[0]);
  const std::string chosen = chosen_letters(after_thoughts(response), OptionTexts(options));
  if (chosen.empty()) return {.score = 0, .reason = "no option in the response", .extracted = {}};
  if (chosen.size() > 1) return {.score = 0, .reason = "several letters: " + chosen, .extracted = chosen};
  if (letters.find(chosen) == letters.npos) {
    return {.score = 0, .reason = chosen + " is none of the options " + letters, .extracted = chosen};
  }
  const bool same = chosen[0] == right;
  return {.score = same ? 1.0 : 0.0,
          .reason = core::concat(chosen, same ? " equals " : " differs from ", right),
          .extracted = chosen};
}

}  // namespace tempo::reward
