// The softmax of one row of logits as training reads it: log-probabilities of given tokens, entropy,
// gradient. Single-threaded. Sums run in a fixed order, the same as RowSampler's: a token has the same
// log-probability, bit for bit, when it is sampled and when it is trained.
#pragma once

#include <cstdint>
#include <span>

#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels {

struct RowSoftmax {
  float max = 0;              // of the logits; NaN or infinite where they are not finite
  double log_normaliser = 0;  // log sum e^z, z = (logit - max) / temperature
  double entropy = 0;         // in nats
};

// Returns the softmax of `vocab` logits at temperature 1 / inverse_temperature.
RowSoftmax row_softmax(const float* logits, std::int64_t vocab, float inverse_temperature);

// Returns the log-probability of a token with this logit.
float row_logp(float logit, const RowSoftmax& softmax, float inverse_temperature);

struct RowTarget {
  std::int64_t token = 0;
  float d_logp = 0;  // of the loss by the token's log-probability
};

// Writes the gradient of a loss by the row's logits, from that by the log-probabilities of its targets and by
// its entropy: (onehot d_logp - p (sum d_logp + d_entropy (log p + H))) / temperature. d_logits may be the
// memory of the logits.
template <typename Element>
void row_softmax_backward(const float* logits, std::int64_t vocab, float inverse_temperature,
                          const RowSoftmax& softmax, std::span<const RowTarget> targets, float d_entropy,
                          Element* d_logits);

}  // namespace tempo::kernels
