// Parses one JSON line of tempo-tree's input without building a document.
#pragma once

#include <string_view>

#include "tempo_tree/group.h"

namespace tempo::programs {

// Fills `group`, whose memory is used again, from {"responses": [[token ids], ...], "rewards": [...]}; other
// keys are passed over. Throws tempo::Error: not JSON, a key that is missing or twice there, a value of
// another kind, a token id that is not an integer of int32 >= 0, a reward that is not a finite number,
// unequal counts.
void parse_group(std::string_view line, Group& group);

}  // namespace tempo::programs
