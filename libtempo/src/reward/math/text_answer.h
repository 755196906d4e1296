// Answers in words, and letters of choices.
#pragma once

#include <string_view>

#include "budget.h"

namespace tempo::reward::math {

// Whether the answers have the same letters, digits and signs but for case, spaces and punctuation, or one is
// a letter and the other chooses it: "(C)", "C. Cecile", "I think it is C".
bool same_words(std::string_view a, std::string_view b, Budget& budget);

}  // namespace tempo::reward::math
