// Which responses to a problem have equal answers: the votes of a majority.
#pragma once

#include <span>
#include <vector>

#include "tempo/reward/reward.h"
#include "tempo/train/answers.h"
#include "tempo/train/statistics.h"

namespace tempo::train {

// Returns a vote for each answer. Answers are equal when what was extracted from them is the same text, and,
// where a term judges numbers or mathematics, also when it is the same value; each is compared to the first
// of every kind.
std::vector<Vote> votes_of(const reward::RewardFunction& reward, std::span<const Answer> answers);

}  // namespace tempo::train
