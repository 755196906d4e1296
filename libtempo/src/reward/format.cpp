#include "tempo/reward/format.h"

#include <array>

#include "extract.h"
#include "pattern.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::size_t;
using std::string_view;

Verdict verdict(bool has_form, const char* what) {
  return {
      .score = has_form ? 1.0 : 0.0, .reason = core::concat(has_form ? "" : "not ", what), .extracted = {}};
}

// Takes the word from the text's begin; false where something else stands there.
bool take(string_view& text, string_view word) {
  text = trim(text);
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool is_think_answer(string_view text) {
  constexpr std::array<string_view, 4> kTags = {"<think>", "</think>", "<answer>", "</answer>"};
  for (const string_view tag : kTags) {
    const size_t first = text.find(tag);
    if (first == text.npos || text.find(tag, first + 1) != text.npos) return false;
  }
  text = trim(text);
  if (!take(text, kTags[0])) return false;
  text.remove_prefix(text.find(kTags[1]));
  return take(text, kTags[1]) && take(text, kTags[2]) && text.ends_with(kTags[3]);
}

}  // namespace

void FormatOptions::validate() const {
  if (form == Form::kPattern) {
    TEMPO_CHECK(!pattern.empty(), "pattern: expected a regular expression, or another form, got nothing");
    const Pattern compiled(pattern);
  } else {
    TEMPO_CHECK(pattern.empty(), "pattern: expected none beside a form, got ", quoted(pattern));
  }
}

FormatReward::FormatReward(const FormatOptions& options) : form_((options.validate(), options.form)) {
  if (form_ == Form::kPattern) pattern_ = std::make_shared<const Pattern>(options.pattern);
}

Verdict FormatReward::score(string_view response) const {
  if (form_ == Form::kBoxed) {
    return verdict(marked_answers(after_thoughts(response)).marker == Marker::kBoxed, "boxed");
  }
  if (form_ == Form::kThinkAnswer)
    return verdict(is_think_answer(response), "<think></think><answer></answer>");
  const auto match = pattern_->match_whole(response);
  if (match.result == Pattern::Result::kLimit) return limit_verdict();
  return verdict(match.result == Pattern::Result::kFound, "of the pattern's form");
}

}  // namespace tempo::reward
