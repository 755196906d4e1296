// The clipped policy loss on the nodes of a forest, with its gradient and statistics, in one pass.
#pragma once

#include <cstdint>

#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// What the loss sums up over the nodes.
struct ClippedLossSums {
  double loss = 0;
  double tokens = 0;               // original response tokens
  double clipped_low = 0;          // of them with A < 0 and rho < 1 - clip_low
  double clipped_high = 0;         // with A > 0 and rho > 1 + clip_high
  double clipped_dual = 0;         // with A < 0 and rho > dual_clip
  double kl = 0;                   // k3 to the reference model, 0 without one
  double entropy = 0;              // in nats
  double logp_difference_max = 0;  // the largest |logp - old_logp|
};

// N nodes. All arrays are float32 or int32 of one device; none overlap.
struct ClippedLossArgs {
  std::int64_t nodes = 0;                        // N
  const float* logp = nullptr;                   // [N]
  const float* old_logp = nullptr;               // [N]
  const float* entropy = nullptr;                // [N]
  const float* ref_logp = nullptr;               // [N] or null: no reference model
  const float* positive = nullptr;               // [N] A+
  const float* negative = nullptr;               // [N] A-
  const float* weight = nullptr;                 // [N] summed token weights
  const std::int32_t* count = nullptr;           // [N] responses through the node
  const std::int32_t* positive_count = nullptr;  // [N] those of them with A > 0
  const std::int32_t* negative_count = nullptr;  // [N] with A < 0

  float clip_low = 0.2F, clip_high = 0.2F;
  float dual_clip = 0;  // 0: off
  float kl_coefficient = 0, entropy_coefficient = 0;

  float* d_logp = nullptr;          // [N], out: gradient of the loss by logp
  float* d_entropy = nullptr;       // [N], out, or null when entropy_coefficient is 0
  ClippedLossSums* sums = nullptr;  // [1], out

  // [clipped_loss_partials(N)], of the device; overwritten. The CPU needs none.
  ClippedLossSums* partials = nullptr;
};

// Returns how many partial sums the loss of so many nodes needs.
std::int64_t clipped_loss_partials(std::int64_t nodes);

// Writes sum_n [-A+ min(rho, 1 + clip_high) + A- min(dual_clip, max(rho, 1 - clip_low)) + weight
// (kl_coefficient k3 - entropy_coefficient H)], rho = exp(logp - old_logp), k3 = exp(ref - logp) - (ref -
// logp) - 1, differences cut at +-20; its gradient, and the statistics. Sums in double, in an order that
// depends on N alone. Sources: PPO, arXiv:1707.06347; dual clip, arXiv:1912.09729; clip-higher,
// arXiv:2503.14476; k3: Schulman, 2020.
namespace cpu {
void clipped_loss(const ClippedLossArgs& args);
}
namespace host {
void clipped_loss(const ClippedLossArgs& args, Stream stream);
}
namespace cuda {
void clipped_loss(const ClippedLossArgs& args, Stream stream);
}

}  // namespace tempo::kernels
