// The rewards of a configuration.
#pragma once

#include "config/reader.h"
#include "tempo/reward/reward.h"

namespace tempo::common {

// Reads and validates the keys of one term. A command's processes are then shared by all that use the term.
void bind_reward(config::Reader& reader, reward::RewardTerm& term);

}  // namespace tempo::common
