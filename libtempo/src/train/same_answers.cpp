#include "same_answers.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "tempo/reward/math.h"

namespace tempo::train {
namespace {

bool compares_values(const reward::RewardFunction& reward) {
  using enum reward::RewardKind;
  return std::any_of(reward.terms().begin(), reward.terms().end(), [](const reward::RewardTerm& term) {
    return term.kind == kNumber || term.kind == kMath || term.kind == kAnswer;
  });
}

}  // namespace

std::vector<Vote> votes_of(const reward::RewardFunction& reward, std::span<const Answer> answers) {
  // Answers of models are short: what takes more steps differs.
  const reward::MathOptions options{.max_steps = 20'000};
  const bool values = compares_values(reward);
  const auto equal = [&](const std::string& a, const std::string& b) {
    return a == b || (values && reward::compare_answers(a, b, options).equivalent);
  };
  std::vector<std::string> kinds;
  std::vector<Vote> votes;
  for (const Answer& answer : answers) {
    const std::string& text = answer.score.extracted;
    Vote vote{.answer = -1, .correct = answer.score.correct};
    if (!text.empty()) {
      const auto same = std::find_if(kinds.begin(), kinds.end(),
                                     [&](const std::string& kind) { return equal(kind, text); });
      vote.answer = static_cast<std::int32_t>(same - kinds.begin());
      if (same == kinds.end()) kinds.push_back(text);
    }
    votes.push_back(vote);
  }
  return votes;
}

}  // namespace tempo::train
