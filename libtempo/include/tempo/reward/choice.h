// Rewards responses that choose the right option of a multiple-choice question.
#pragma once

#include <string_view>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

// Scores a response that should choose one letter. `letters` are the options' letters, one byte each; upper
// and lower case are the same letter. Where the letter is looked for, by the first of these that the response
// has, after its thoughts ("</think>"):
//   \boxed{B}, then <answer>B</answer>, then "#### B", "answer is B" (also "answer: (B)", "option B", "choice
//   is B"), a first or last line that is a letter, or begins with "B." "B)" or "B:", then "(B)"
//   anywhere.
// All letters found there must agree: several different ones are wrong, and so is one outside the options.
// Linear in the response, whatever its bytes. Thread-safe. Throws tempo::Error when `answer` is not one of
// the letters.
Verdict score_choice(std::string_view response, std::string_view answer, std::string_view letters);

}  // namespace tempo::reward
