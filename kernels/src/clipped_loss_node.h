// The loss of one node: what the CPU and the devices compute.
#pragma once

#include <cmath>

#include "device/portable.h"
#include "tempo/kernels/clipped_loss.h"

namespace tempo::kernels {

// |logp - old_logp| and |ref - logp| beyond this have long been clipped or are hopeless; the exponential of
// more would overflow, and infinity times a zero advantage is not a number.
constexpr float kMaxLogpDifference = 20.0F;

constexpr int kLossThreads = 256;  // of a block on the device
constexpr std::int64_t kMostLossBlocks =
    1024;  // they stride over the nodes, so that few sums are left to add up

struct NodeLoss {
  float d_logp, d_entropy;
};

TEMPO_PORTABLE inline bool is_cut(float difference) {
  return difference > kMaxLogpDifference || difference < -kMaxLogpDifference;
}
TEMPO_PORTABLE inline float cut(float difference) {
  if (difference > kMaxLogpDifference) return kMaxLogpDifference;
  return difference < -kMaxLogpDifference ? -kMaxLogpDifference : difference;
}

TEMPO_PORTABLE inline void add(ClippedLossSums& sums, const ClippedLossSums& other) {
  sums.loss += other.loss;
  sums.tokens += other.tokens;
  sums.clipped_low += other.clipped_low;
  sums.clipped_high += other.clipped_high;
  sums.clipped_dual += other.clipped_dual;
  sums.kl += other.kl;
  sums.entropy += other.entropy;
  if (!(sums.logp_difference_max >= other.logp_difference_max))
    sums.logp_difference_max = other.logp_difference_max;
}

// Adds node n to the sums and returns its gradient. At a clip's edge the gradient is that of the inner side.
TEMPO_PORTABLE inline NodeLoss add_node(const ClippedLossArgs& a, std::int64_t n, ClippedLossSums& sums) {
  const float difference = a.logp[n] - a.old_logp[n], ratio = std::exp(cut(difference));
  const float positive = a.positive[n], negative = a.negative[n], weight = a.weight[n],
              entropy = a.entropy[n];
  const float high = 1 + a.clip_high, low = 1 - a.clip_low;
  const bool above = ratio > high, below = ratio<low, dual = a.dual_clip> 0 && ratio > a.dual_clip;
  const float d_ratio = is_cut(difference) ? 0.0F : ratio;
  float loss = negative * (dual ? a.dual_clip : below ? low : ratio) - positive * (above ? high : ratio);
  NodeLoss gradient{(dual || below ? 0.0F : negative * d_ratio) - (above ? 0.0F : positive * d_ratio), 0};

  float kl = 0;
  if (a.ref_logp) {
    const float to_ref = a.ref_logp[n] - a.logp[n], x = cut(to_ref);
    kl = std::expm1(x) - x;  // e^x - 1 - x would cancel near zero
    loss += a.kl_coefficient * weight * kl;
    if (!is_cut(to_ref)) gradient.d_logp -= a.kl_coefficient * weight * std::expm1(x);
  }
  loss -= a.entropy_coefficient * weight * entropy;
  gradient.d_entropy = -a.entropy_coefficient * weight;

  const double count = a.count[n];
  ClippedLossSums node;
  node.loss = loss;
  node.tokens = count;
  node.clipped_low = below ? a.negative_count[n] : 0;
  node.clipped_high = above ? a.positive_count[n] : 0;
  node.clipped_dual = dual ? a.negative_count[n] : 0;
  node.kl = count * static_cast<double>(kl);
  node.entropy = count * static_cast<double>(entropy);
  node.logp_difference_max = std::fabs(static_cast<double>(difference));
  add(sums, node);
  return gradient;
}

}  // namespace tempo::kernels
