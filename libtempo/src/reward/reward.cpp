#include "tempo/reward/reward.h"

#include <cmath>
#include <string>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/reward/choice.h"

namespace tempo::reward {
namespace {

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

Verdict RewardFunction::score(std::string_view response, const data::Example& example) const {
  Verdict total;
  for (const auto& term : terms_) {
    auto verdict = score_term(term, response, example);
    total.score += term.weight * verdict.score;
    if (!total.reason.empty()) total.reason += "; ";
    total.reason += core::concat(name_of(term.kind), ": ", verdict.reason);
    if (total.extracted.empty()) total.extracted = std::move(verdict.extracted);
  }
  TEMPO_CHECK(std::isfinite(total.score), "example '", example.id, "': expected a finite reward, got ",
              total.score);
  return total;
}

}  // namespace tempo::reward
