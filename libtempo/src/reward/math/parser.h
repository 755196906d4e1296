// Answers to trees.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tree.h"

namespace tempo::reward::math {

// Reads the answer: a list of relations between expressions, or words. Returns nothing where it is neither.
// Throws NotDecided beyond the budget or kMaxDepth.
std::optional<NodeId> read_answer(std::string_view answer, Tree& tree);

// Returns the answer's letters, digits and signs, in lower case, without spaces and commands.
std::string plain_text(std::string_view answer, Budget& budget);

}  // namespace tempo::reward::math
