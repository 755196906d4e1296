#include "tempo/reward/math.h"

#include <algorithm>
#include <cmath>

#include "extract.h"
#include "math/compare.h"
#include "math/parser.h"
#include "math/text_answer.h"
#include "math_place.h"
#include "tempo/core/error.h"

namespace tempo::reward {
namespace {

using std::string_view;

struct Decision {
  bool equivalent;
  string_view why;
};

Decision decide(string_view gold, string_view answer, const MathOptions& options) {
  math::Budget budget(options.max_steps);
  if (gold.size() + answer.size() > static_cast<std::size_t>(options.max_steps))
    throw math::NotDecided{"too long"};
  math::Tree tree(budget);
  const auto x = math::read_answer(gold, tree);
  const auto y = math::read_answer(answer, tree);
  if (x && y && math::equal_answers(tree, *x, *y, options.relative_tolerance)) return {true, "same value"};
  const auto has_words = [&](const auto& node) { return !node || tree.contains(*node, math::Kind::kText); };
  const auto no_number = [&](const auto& node) {
    return has_words(node) || !tree.contains(*node, math::Kind::kNumber);
  };
  const bool words = (has_words(x) || has_words(y)) && no_number(x) && no_number(y);
  if (words && math::same_words(gold, answer, budget)) return {true, "same words"};
  return {false, words ? "other words" : "another value"};
}

Decision compared(string_view gold, string_view answer, const MathOptions& options) {
  if (answer.empty() || gold.empty()) return {false, "no answer"};
  if (gold == answer) return {true, "same text"};
  if (gold.find("\\\\") == gold.npos && answer.find("\\\\") == answer.npos)
    return decide(gold, answer, options);
  return decide(math::with_single_backslashes(gold), math::with_single_backslashes(answer), options);
}

}  // namespace

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

Equivalence compare_answers(string_view gold, string_view answer, const MathOptions& options) {
  options.validate();
  gold = trim(gold);
  answer = trim(answer);
  std::string reason = quoted(answer);
  try {
    const Decision decision = compared(gold, answer, options);
    reason += decision.equivalent ? " equals " : " differs from ";
    reason += quoted(gold);
    reason += ": ";
    reason += decision.why;
    return {decision.equivalent, std::move(reason)};
  } catch (const math::NotDecided& limit) {
    reason += " differs from " + quoted(gold) + ": not decided: " + limit.why;
    return {false, std::move(reason)};
  }
}

Verdict score_math(string_view response, string_view reference, const MathOptions& options) {
  options.validate();
  const auto answer =
      math::find_answer(math::with_single_backslashes(after_thoughts(response)), options.places);
  if (!answer) return {.score = 0, .reason = "no marked answer in the response", .extracted = {}};
  std::vector<AnswerPlace> places = options.places;
  places.insert(places.begin(), {AnswerPlace::kBoxed, AnswerPlace::kTag, AnswerPlace::kHashes});
  const auto gold = math::find_answer(math::with_single_backslashes(reference), places);
  const string_view right = gold ? string_view(gold->text) : reference;
  auto result = compare_answers(right, answer->text, options);
  const bool alone = !result.equivalent && answer->last;
  if (alone) result = compare_answers(right, *answer->last, options);
  return {.score = result.equivalent ? 1.0 : 0.0,
          .reason = result.reason,
          .extracted = printable(alone ? *answer->last : answer->text)};
}

}  // namespace tempo::reward
