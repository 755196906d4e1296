#include "tempo/reward/exact.h"

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {

Verdict score_exact(std::string_view response, std::string_view answer, const ExactOptions& options) {
  const std::string_view right = trim(answer);
  TEMPO_CHECK(!right.empty(), "expected a text as the answer, got an empty one");
  std::string_view text = trim(after_thoughts(response));
  if (options.marked) {
    const auto marked = marked_answers(text);
    if (marked.spans.empty())
      return {.score = 0, .reason = "no marked answer in the response", .extracted = {}};
    text = trim(marked.spans.back());
  }
  const bool same = options.ignore_case ? lower_ascii(text) == lower_ascii(right) : text == right;
  return {.score = same ? 1.0 : 0.0,
          .reason = core::concat(quoted(text), same ? " equals " : " differs from ", quoted(right)),
          .extracted = printable(text)};
}

}  // namespace tempo::reward
