#include "tempo/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "tempo/core/error.h"

namespace tempo::optim {

void ScheduleOptions::validate() const {
  TEMPO_CHECK(warmup_steps >= 0, "warmup_steps: expected 0 or more, got ", warmup_steps);
  TEMPO_CHECK(final_ratio >= 0 && final_ratio <= 1, "final_ratio: expected a number of [0, 1], got ",
              final_ratio);
}

double schedule_factor(const ScheduleOptions& options, std::int64_t step, std::int64_t total_steps) {
  options.validate();
  TEMPO_CHECK(step >= 0, "schedule_factor: expected step 0 or more, got ", step);
  const std::int64_t warmup = options.warmup_steps;
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (options.decay == Decay::kConstant) return 1.0;

  TEMPO_CHECK(total_steps >= 1, "schedule_factor: expected total_steps 1 or more, got ", total_steps);
  const auto decay_steps = static_cast<double>(std::max<std::int64_t>(total_steps - warmup, 1));
  const double progress = std::min(1.0, static_cast<double>(step - warmup) / decay_steps);
  const double remaining =
      options.decay == Decay::kLinear ? 1.0 - progress : 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  return options.final_ratio + (1.0 - options.final_ratio) * remaining;
}

}  // namespace tempo::optim
