#include "tempo/reward/math.h"

#include <cmath>

#include "extract.h"
#include "tempo/core/error.h"

namespace tempo::reward {

std::vector<AnswerPlace> strict_places() { return {AnswerPlace::kBoxed}; }

std::vector<AnswerPlace> lenient_places() {
  using enum AnswerPlace;
  return {kBoxed, kTag, kHashes, kPhrase, kWhole, kFormula, kNumber};
}

void MathOptions::validate() const {
  TEMPO_CHECK(!places.empty(), "places: expected at least one, got none");
  TEMPO_CHECK(std::isfinite(relative_tolerance) && relative_tolerance >= 0,
              "relative_tolerance: expected 0 or more, got ", relative_tolerance);
  TEMPO_CHECK(max_steps > 0, "max_steps: expected 1 or more, got ", max_steps);
}

Equivalence compare_answers(std::string_view gold, std::string_view answer, const MathOptions& options) {
  options.validate();
  const bool same = trim(gold) == trim(answer);
  return {same, core::concat(quoted(answer), same ? " equals " : " differs from ", quoted(gold))};
}

Verdict score_math(std::string_view response, std::string_view reference, const MathOptions& options) {
  const auto marked = marked_answers(after_thoughts(response));
  if (marked.spans.empty())
    return {.score = 0, .reason = "no marked answer in the response", .extracted = {}};
  const auto result = compare_answers(reference, marked.spans.back(), options);
  return {.score = result.equivalent ? 1.0 : 0.0,
          .reason = result.reason,
          .extracted = printable(marked.spans.back())};
}

}  // namespace tempo::reward
