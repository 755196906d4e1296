#include "tempo/reward/reward.h"

#include <cmath>
#include <string>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/reward/choice.h"

namespace tempo::reward {
namespace {

std::string letters_of(const data::Example& example) {
  TEMPO_CHECK(!example.options.empty(), "expected options, got none");
  std::string letters;
  for (const auto& [letter, text] : example.options) letters += letter;
  return letters;
}

Verdict score_term(const RewardTerm& term, std::string_view response, const data::Example& example) {
  try {
    switch (term.kind) {
      case RewardKind::kNumber:
        return score_number(response, example.answer, term.number);
      case RewardKind::kChoice:
        return score_choice(response, example.answer, letters_of(example));
      case RewardKind::kExact:
        break;
    }
    return score_exact(response, example.answer, term.exact);
  } catch (const Error& error) {
    core::fail("example '", example.id, "': ", name_of(term.kind), " reward: ", error.what());
  }
}

}  // namespace

const char* name_of(RewardKind kind) {
  switch (kind) {
    case RewardKind::kNumber:
      return "number";
    case RewardKind::kChoice:
      return "choice";
    case RewardKind::kExact:
      break;
  }
  return "exact";
}

void RewardTerm::validate() const {
  TEMPO_CHECK(std::isfinite(weight), "weight: expected a finite number, got ", weight);
}

RewardFunction::RewardFunction(std::vector<RewardTerm> terms) : terms_(std::move(terms)) {
  TEMPO_CHECK(!terms_.empty(), "RewardFunction: expected at least one term, got none");
  for (const auto& term : terms_) term.validate();
}

void RewardFunction::check(const data::Example& example) const {
  for (const auto& term : terms_) score_term(term, {}, example);
}

Score RewardFunction::score(std::string_view response, const data::Example& example) const {
  Score score;
  for (const auto& term : terms_) {
    auto verdict = score_term(term, response, example);
    score.total += term.weight * verdict.score;
    score.terms.push_back(verdict.score);
    if (!score.reason.empty()) score.reason += "; ";
    score.reason += core::concat(name_of(term.kind), ": ", verdict.reason);
    if (score.extracted.empty()) score.extracted = std::move(verdict.extracted);
  }
  score.correct = score.terms.front() == 1.0;
  TEMPO_CHECK(std::isfinite(score.total), "example '", example.id, "': expected a finite reward, got ",
              score.total);
  return score;
}

}  // namespace tempo::reward
