#include "math_place.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "extract.h"
#include "math/budget.h"
#include "math/parser.h"
#include "number_value.h"

namespace tempo::reward::math {
namespace {

using std::size_t;
using std::string_view;

constexpr size_t kReadable = 2000;  // bytes of a text that as a whole may be an answer

using Found = std::optional<FoundAnswer>;

Found found(string_view text) { return FoundAnswer{std::string(text), std::nullopt}; }

struct Span {
  size_t begin = 0;  // of the command
  size_t open = 0;   // of the content
  size_t close = 0;
  size_t end = 0;
};

// Returns where the argument of a box begins whose command stands at `at`, else 0.
size_t box_command(string_view text, size_t at) {
  constexpr std::array<string_view, 3> kCommands = {"\\boxed", "\\fbox", "\\framebox"};
  for (const auto command : kCommands) {
    if (text.substr(at, command.size()) != command) continue;
    size_t open = at + command.size();
    while (open < text.size() && text[open] == ' ') ++open;
    if (open < text.size()) return open;
  }
  return 0;
}

// The outermost boxes, in order; one that never closes is not among them, and drops those before it: the text
// was cut inside its last answer.
std::vector<Span> boxes(string_view text) {
  std::vector<Span> all;
  Span box;
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (depth == 0) {
      if (c != '\\') continue;
      const size_t open = box_command(text, i);
      if (open == 0) continue;
      box.begin = i;
      if (text[open] == '{') {
        box.open = open + 1;
        depth = 1;
      } else {  // "\boxed 2"
        box.open = open;
        box.close = box.end = std::min(text.find_first_of(" $\n.,", open), text.size());
        if (box.end > box.open) all.push_back(box);
      }
      i = open;
    } else if (c == '\\') {
      ++i;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      box.close = i;
      box.end = i + 1;
      all.push_back(box);
    }
  }
  if (depth > 0) all.clear();
  return all;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Whether two boxes with this text between them are parts of one answer: separators, one "and" or "or", words
// in \text{}, and the name that the next box is the value of.
bool joins(string_view between) {
  if (between.size() > 200 || between.find("\n\n") != between.npos) return false;
  int words = 0;
  for (size_t i = 0; i < between.size();) {
    const string_view rest = between.substr(i);
    const auto starts = [&](string_view word) { return rest.starts_with(word); };
    if (starts("\\text{") || starts("\\mbox{") || starts("\\textrm{")) {
      i = std::min(between.find('}', i), between.size() - 1) + 1;
    } else if (starts("\\quad")) {
      i += 5;
    } else if (starts("\\qquad")) {
      i += 6;
    } else if (starts("and") || starts("or")) {
      if (++words > 1) return false;
      i += starts("and") ? 3 : 2;
    } else if (rest[0] == '\\' && rest.size() > 1 && string_view("()[],;:! \\").find(rest[1]) != rest.npos) {
      i += 2;
    } else if (is_space(rest[0]) || string_view("$,;&").find(rest[0]) != rest.npos) {
      ++i;
    } else {
      const size_t equals = rest.find('=');
      const bool name = equals != rest.npos && equals <= 12 &&
                        std::isalpha(static_cast<unsigned char>(rest[0])) != 0 &&
                        rest.substr(1, 1).find_first_of("abcdefghijklmnopqrstuvwxyz") == rest.npos;
      if (!name) return false;
      i += equals + 1;
    }
  }
  return true;
}

// Returns the last of the spans, with those before it that are parts of the same answer.
Found joined(string_view text, const std::vector<Span>& all) {
  if (all.empty()) return std::nullopt;
  const auto content = [&](size_t i) { return text.substr(all[i].open, all[i].close - all[i].open); };
  size_t first = all.size() - 1;
  while (first > 0 && joins(text.substr(all[first - 1].end, all[first].begin - all[first - 1].end))) --first;
  FoundAnswer answer{std::string(content(first)), std::nullopt};
  for (size_t i = first + 1; i < all.size(); ++i) {
    if (trim(content(i)) == trim(content(i - 1))) continue;
    answer.text += " , ";
    answer.text += content(i);
    answer.last = std::string(content(i));
  }
  return answer;
}

Found tagged(string_view text) {
  const std::string lower = lower_ascii(text);
  const size_t end = lower.rfind("</answer>");
  if (end == lower.npos) return std::nullopt;
  const size_t begin = lower.rfind("<answer>", end);
  if (begin == lower.npos) return std::nullopt;
  return found(text.substr(begin + 8, end - begin - 8));
}

Found behind_hashes(string_view text) {
  const size_t at = text.rfind("####");
  if (at == text.npos) return std::nullopt;
  const string_view rest = text.substr(at + 4);
  return found(trim(rest.substr(0, rest.find('\n'))));
}

// Returns the formulas of the text, in order.
std::vector<Span> formulas(string_view text) {
  std::vector<Span> all;
  constexpr std::array<std::pair<string_view, string_view>, 4> kDelimiters = {
      {{"$$", "$$"}, {"\\(", "\\)"}, {"\\[", "\\]"}, {"$", "$"}}};
  std::array<bool, 4> closed = {true, true, true, true};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] != '(' && text[i + 1] != '[') {
      ++i;
      continue;
    }
    if (text[i] != '$' && text[i] != '\\') continue;
    for (size_t d = 0; d < kDelimiters.size(); ++d) {
      const auto& [open, close] = kDelimiters[d];
      if (!closed[d] || text.substr(i, open.size()) != open) continue;
      const size_t begin = i + open.size();
      size_t end = text.find(close, begin);
      while (end != text.npos && close[0] == '$' && text[end - 1] == '\\') end = text.find(close, end + 1);
      if (end == text.npos) {
        closed[d] = false;  // none later closes either
        continue;
      }
      if (!trim(text.substr(begin, end - begin)).empty()) all.push_back({i, begin, end, end + close.size()});
      i = end + close.size() - 1;
      break;
    }
  }
  return all;
}

Found last_number(string_view text) {
  std::optional<NumberToken> last;
  for (auto token = next_number(text, 0); token; token = next_number(text, token->end)) last = token;
  if (!last) return std::nullopt;
  return found(text.substr(last->begin, last->end - last->begin));
}

// The last formula, unless a number stands behind it.
Found formula(string_view text) {
  const auto all = formulas(text);
  if (all.empty() || next_number(text.substr(all.back().end), 0)) return std::nullopt;
  return joined(text, all);
}

// Drops what decorates a phrase: spaces, asterisks, quotes, markers of a chat.
string_view undecorated(string_view text) {
  constexpr string_view kDecoration = " \t\r\n*_`\"";
  text = text.substr(0, text.find("<|"));
  const size_t begin = text.find_first_not_of(kDecoration);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kDecoration) - begin + 1);
}

// Whether the text is sentences that hold an answer, and not one: words of prose outside \text{}, or many
// words.
bool is_prose(const std::vector<Token>& tokens) {
  constexpr std::array<string_view, 34> kProse = {
      "is",      "are",   "was",   "were",   "the",   "that",  "so",    "therefore", "thus",
      "hence",   "then",  "there", "has",    "have",  "it",    "its",   "which",     "answer",
      "find",    "get",   "be",    "equals", "gives", "she",   "he",    "they",      "this",
      "because", "since", "if",    "our",    "total", "value", "result"};
  constexpr int kMaxWords = 6;
  int words = 0;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (token.kind != Tok::kWord || token.in_text) continue;
    const bool named = tokens[i + 1].kind == Tok::kRelation && tokens[i + 1].text == "=";
    if (++words > kMaxWords) return true;
    if (!named && std::find(kProse.begin(), kProse.end(), lower_ascii(token.text)) != kProse.end())
      return true;
  }
  return false;
}

// Whether the whole text is an answer: it can be read as one, or is short and no sentence.
bool readable(string_view text) {
  constexpr size_t kShort = 40;
  if (text.empty() || text.size() > kReadable) return false;
  try {
    Budget budget(20'000);
    Tree tree(budget);
    if (is_prose(read_tokens(text, budget))) return false;
    const bool marked = text.find_first_of("$") != text.npos || text.find("\\(") != text.npos ||
                        text.find("\\[") != text.npos;
    return read_answer(text, tree).has_value() || (text.size() <= kShort && !marked);
  } catch (const NotDecided&) {
    return true;
  }
}

Found whole(string_view text) {
  const string_view bare = undecorated(text);
  if (!readable(bare)) return std::nullopt;
  return found(bare);
}

Found phrase(string_view text) {
  const std::string lower = lower_ascii(text);
  size_t begin = lower.npos;
  for (size_t at = lower.rfind("answer"); at != lower.npos && begin == lower.npos;
       at = at == 0 ? lower.npos : lower.rfind("answer", at - 1)) {
    size_t next = lower.find_first_not_of(" \t*_`\"'", at + 6);
    if (next == lower.npos) continue;
    const bool is = lower.compare(next, 2, "is") == 0 &&
                    (next + 2 == lower.size() || !std::isalnum(static_cast<unsigned char>(lower[next + 2])));
    if (!is && lower[next] != ':' && lower[next] != '=') continue;
    begin = lower.find_first_not_of(" \t\r\n*_`\"':=}", next + (is ? 2 : 1));
    if (begin == lower.npos) begin = lower.size();
  }
  if (begin == lower.npos) return std::nullopt;
  const string_view sentence = undecorated(first_sentence(text.substr(begin)));
  if (readable(sentence)) return found(sentence);
  if (auto part = formula(sentence)) return part;
  if (auto part = last_number(sentence)) return part;
  return found(sentence);
}

Found at_place(string_view text, AnswerPlace place) {
  switch (place) {
    case AnswerPlace::kBoxed:
      return joined(text, boxes(text));
    case AnswerPlace::kTag:
      return tagged(text);
    case AnswerPlace::kHashes:
      return behind_hashes(text);
    case AnswerPlace::kPhrase:
      return phrase(text);
    case AnswerPlace::kFormula:
      return formula(text);
    case AnswerPlace::kNumber:
      return last_number(text);
    case AnswerPlace::kWhole:
      return whole(text);
  }
  return std::nullopt;
}

}  // namespace

std::optional<FoundAnswer> find_answer(string_view text, const std::vector<AnswerPlace>& places) {
  for (const AnswerPlace place : places) {
    if (auto answer = at_place(text, place)) return answer;
  }
  // Prose without formula and number is an answer where any text is one.
  const bool any = std::find(places.begin(), places.end(), AnswerPlace::kWhole) != places.end();
  if (any && !trim(text).empty()) return found(trim(text));
  return std::nullopt;
}

std::string with_single_backslashes(string_view text) {
  constexpr std::array<string_view, 9> kCommands = {"frac", "dfrac", "tfrac", "begin", "sqrt",
                                                    "left", "text",  "boxed", "cdot"};
  bool doubled = false;
  for (size_t at = text.find("\\\\"); at != text.npos && !doubled; at = text.find("\\\\", at + 2)) {
    const string_view rest = text.substr(at + 2);
    doubled = std::any_of(kCommands.begin(), kCommands.end(),
                          [&](string_view name) { return rest.starts_with(name); });
  }
  if (!doubled) return std::string(text);
  std::string single;
  for (size_t i = 0; i < text.size(); ++i) {
    single += text[i];
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') ++i;
  }
  return single;
}

}  // namespace tempo::reward::math
