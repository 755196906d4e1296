// Learning rate as a function of the update.
#pragma once

#include <cstdint>

namespace tempo::optim {

enum class Decay { kConstant, kLinear, kCosine };

struct ScheduleOptions {
  Decay decay = Decay::kConstant;
  std::int64_t warmup_steps = 0;  // linear from 0 to the peak
  double final_ratio = 0.0;       // of the peak, at the last update; linear and cosine only

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Returns the factor on the peak learning rate for update `step` (from 0) of `total_steps`: (step + 1) /
// warmup during warm-up, then the decay.
double schedule_factor(const ScheduleOptions& options, std::int64_t step, std::int64_t total_steps);

}  // namespace tempo::optim
