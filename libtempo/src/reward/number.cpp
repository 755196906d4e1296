#include "tempo/reward/number.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>

#include "extract.h"
#include "number_value.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::string_view;

// A number found in a response, or why none was.
struct Found {
  std::optional<Number> value;
  std::string text;
  std::string problem;
};

Found found(const NumberToken& token, string_view text) {
  return {token.value, printable(text.substr(token.begin, token.end - token.begin)), {}};
}

Found not_found(std::string problem) { return {std::nullopt, {}, std::move(problem)}; }

// Returns the length of the TeX command at the text's begin, with the braces of a text command; 0 if the
// command is more than a unit or space.
std::size_t unit_length(string_view command) {
  constexpr std::array<string_view, 6> kSpacing = {"\\$", "\\%", "\\,", "\\!", "\\;", "\\ "};
  constexpr std::array<string_view, 4> kText = {"\\text{", "\\mathrm{", "\\textbf{", "\\mbox{"};
  constexpr std::array<string_view, 3> kDegrees = {"^\\circ", "^{\\circ}", "\\degree"};
  const auto at_begin = [&](string_view word) { return command.starts_with(word); };
  if (std::any_of(kSpacing.begin(), kSpacing.end(), at_begin)) return 2;
  if (std::any_of(kText.begin(), kText.end(), at_begin))
    return std::min(command.find('}'), command.size() - 1) + 1;
  const auto degrees = std::find_if(kDegrees.begin(), kDegrees.end(), at_begin);
  return degrees == kDegrees.end() ? 0 : degrees->size();
}

// Whether the text beside a boxed number is mathematics: operators, roots, a letter that stands alone.
bool is_mathematics(string_view text) {
  const auto letter = [&](std::size_t i) {
    return i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) != 0;
  };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' || text[i] == '^') {
      const std::size_t length = unit_length(text.substr(i));
      if (length == 0) return true;
      i += length;
      continue;
    }
    const bool variable = letter(i) && !letter(i + 1) && (i == 0 || !letter(i - 1));
    if (variable || string_view("_*+-(").find(text[i]) != string_view::npos) return true;
    ++i;
  }
  return false;
}

// Returns the one number of text between delimiters, behind its last "=".
Found only_number(string_view text, Marker marker) {
  const string_view side = text.substr(text.rfind('=') + 1);
  const auto token = next_number(side, 0);
  if (!token) return not_found(core::concat("no number in ", marker_name(marker), ": ", quoted(text)));
  if (next_number(side, token->end)) {
    return not_found(core::concat("several numbers in ", marker_name(marker), ": ", quoted(text)));
  }
  const bool more = is_mathematics(side.substr(0, token->begin)) || is_mathematics(side.substr(token->end));
  if (marker == Marker::kBoxed && more) {
    return not_found(core::concat("more than a number in ", marker_name(marker), ": ", quoted(text)));
  }
  return found(*token, side);
}

// Returns the first number of a sentence behind its last "=" that has a number behind it.
Found announced_number(string_view sentence) {
  std::optional<NumberToken> token = next_number(sentence, 0);
  if (!token) return not_found(core::concat("no number in the announced answer: ", quoted(sentence)));
  const std::size_t equals = sentence.rfind('=');
  if (equals != sentence.npos) {
    if (const auto later = next_number(sentence, equals)) token = later;
  }
  return found(*token, sentence);
}

Found last_number(string_view text) {
  std::optional<NumberToken> last;
  for (auto token = next_number(text, 0); token; token = next_number(text, token->end)) last = token;
  return last ? found(*last, text) : not_found("no number in the response");
}

Found find_number(string_view response, const NumberOptions& options) {
  const string_view text = after_thoughts(response);
  if (options.strict) {
    auto value = whole_number(text);
    if (!value)
      return not_found(core::concat("expected a number and nothing else, got ", quoted(trim(text))));
    return {std::move(value), printable(trim(text)), {}};
  }
  const auto marked = marked_answers(text);
  switch (marked.marker) {
    case Marker::kBoxed:
    case Marker::kTag:
      return only_number(marked.spans.back(), marked.marker);
    case Marker::kPhrase:
      return announced_number(marked.spans.back());
    case Marker::kNone:
      break;
  }
  return last_number(text);
}

}  // namespace

void NumberOptions::validate() const {
  TEMPO_CHECK(std::isfinite(relative_tolerance) && relative_tolerance >= 0,
              "relative_tolerance: expected 0 or more, got ", relative_tolerance);
}

Verdict score_number(string_view response, string_view answer, const NumberOptions& options) {
  options.validate();
  const auto right = whole_number(answer);
  TEMPO_CHECK(right.has_value(), "expected a number as the answer, got ", quoted(answer));
  const Found number = find_number(response, options);
  if (!number.value) return {.score = 0, .reason = number.problem, .extracted = {}};
  const bool same = equal(*number.value, *right);
  const bool near = same || (options.relative_tolerance > 0 &&
                             within(*number.value, *right, number_of(options.relative_tolerance)));
  const char* relation = same ? " equals " : near ? " is near " : " differs from ";
  return {.score = near ? 1.0 : 0.0,
          .reason = core::concat(number.text, relation, printable(answer)),
          .extracted = number.text};
}

}  // namespace tempo::reward
