// Finds the answer in a text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/reward/math.h"

namespace tempo::reward::math {

// Returns the answer at the first of the places that the text has, nothing where it has none of them. Where
// several boxes in a row are one list, `last` is the last box alone, which counts where the reference is no
// list. Linear in the text for each place.
struct FoundAnswer {
  std::string text;
  std::optional<std::string> last;
};
std::optional<FoundAnswer> find_answer(std::string_view text, const std::vector<AnswerPlace>& places);

// Halves doubled backslashes, as a program's source has them, where a command such as \\frac shows them.
std::string with_single_backslashes(std::string_view text);

}  // namespace tempo::reward::math
