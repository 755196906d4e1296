// Rewards responses that choose the right option of a multiple-choice question.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tempo/reward/verdict.h"

namespace tempo::reward {

// The options of a question: letters of one byte each, and texts, as data::Example has them. A view.
using Options = std::span<const std::pair<std::string, std::string>>;

// Scores a response that should choose one option. Upper and lower case are the same letter. Where the choice
// is looked for, by the first of these that the response has, after its thoughts ("</think>"):
//   \boxed{B}, then <answer>B</answer>, then "#### B", "answer is B" (also "answer: (B)", "option B", "choice
//   is B"), a first or last line that is a letter, or begins with "B." "B)" or "B:", then "(B)" anywhere,
//   then the whole response as an option's text.
// Between those marks, an option stands as its letter, its letter and its text ("B. Aspirin"), or its text
// alone: the whole text of that option and of no other, whatever its case, white space and punctuation. All
// options found there must agree: several different ones are wrong, and so is a letter outside the options,
// or one that stands before the text of another option. Linear in the response, whatever its bytes.
// Thread-safe. Throws tempo::Error when `answer` is not one of the letters.
Verdict score_choice(std::string_view response, std::string_view answer, Options options);

}  // namespace tempo::reward
