// Learning rate as a function of the update.
#pragma once

#include <cstdint>

namespace tempo::optim {

enum class Decay { kConstant, kLinear, kCosine };

struct ScheduleOptions {
  Decay decay = Decay::kConstant;
  std::int64_t warmup_steps = 0;  // updates of the linear rise to the peak
  double final_ratio = 0.0;       // of the peak, reached after the last update; linear and cosine only

  // Throws tempo::Error naming the field.
  void validate() const;
};

// Returns the factor on the peak learning rate for update `step` (from 0) of `total_steps`: (step + 1) /
// warmup during warm-up, then the decay by (step - warmup) / (total - warmup); the final ratio from
// total_steps on. The decay is that of transformers' get_*_schedule_with_warmup; their warm-up is step /
// warmup, which spends the first update on a learning rate of zero.
// Throws tempo::Error for a negative step, or for total_steps < 1 where there is a decay.
double schedule_factor(const ScheduleOptions& options, std::int64_t step, std::int64_t total_steps);

}  // namespace tempo::optim
