#include "tempo/train/phase_timer.h"

#include <algorithm>

namespace tempo::train {

void PhaseTimer::add(std::string_view phase, double seconds) {
  const auto entry =
      std::find_if(phases_.begin(), phases_.end(), [&](const auto& p) { return p.first == phase; });
  if (entry == phases_.end()) {
    phases_.emplace_back(phase, seconds);
  } else {
    entry->second += seconds;
  }
}

}  // namespace tempo::train
