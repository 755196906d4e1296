// The softmax of a chunk of rows of logits as training reads it: log-probabilities of given tokens, entropy,
// gradient, the logits read once each way. C rows, V vocabulary, n targets.
#pragma once

#include <cstdint>

#include "tempo/kernels/bfloat16.h"
#include "tempo/kernels/logprob.h"
#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// Logits and what they must predict. Logit: float or BFloat16. Arrays of one device.
template <typename Logit>
struct LogitRows {
  std::int64_t rows = 0;          // C
  std::int64_t vocab = 0;         // V, 1 or more
  const Logit* logits = nullptr;  // [C, V]
  std::int64_t stride = 0;        // from one row to the next, in logits; at least V
  float inverse_temperature = 1;
  const std::int64_t* first = nullptr;  // [C + 1]; row c has the targets first[c] - first[0] and on, to those
                                        // of c + 1; never falls
  const std::int64_t* token = nullptr;  // [n], of [0, V); a row's may be equal
};

// Per row the softmax, per target what the loss reads.
struct SoftmaxResult {
  RowSoftmax* softmax = nullptr;  // [C], out
  float* logp = nullptr;          // [n], out
  float* entropy = nullptr;       // [n], out: of the target's row
};

template <typename Gradient>
struct SoftmaxGradient {
  const RowSoftmax* softmax = nullptr;  // [C] as softmax_forward wrote it
  const float* d_logp = nullptr;        // [n] of the loss by each target's logp; null: zeros
  const float* d_entropy = nullptr;     // [n] by each target's entropy; null: zeros
  // [C, V], out. May be the memory of the logits when row c of both begins at the same byte and a number of
  // the gradient is no larger than a logit: bfloat16 gradients over float32 logits have twice their stride.
  Gradient* d_logits = nullptr;
  std::int64_t stride = 0;  // of d_logits, in its numbers
};

// softmax_forward writes, for each row, its softmax, and for each target the log-probability and entropy.
// A row with a NaN or +inf, or with nothing but -inf, has a maximum that is not finite, and NaN for the rest.
// softmax_backward writes (onehot d_logp - p (sum d_logp + sum d_entropy (log p + H))) / temperature, onehot
// and sums over the targets of a row; a logit of -inf has p = 0 and gradient 0. Every sum has a fixed order:
// the same row gives the same bits, whatever else is in the chunk. The CPU's are single-threaded, over the
// rows [begin, end), and RowSampler's to the bit.
namespace cpu {
template <typename Logit>
void softmax_forward(const LogitRows<Logit>& in, const SoftmaxResult& out, std::int64_t begin,
                     std::int64_t end);
template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out, std::int64_t begin,
                      std::int64_t end);
}  // namespace cpu
// Bytes moved: forward C V sizeof(Logit), backward C V (sizeof(Logit) + sizeof(Gradient)); beside them 32 a
// row and 16 a target. Logit and Gradient: float and float, float and BFloat16, BFloat16 and BFloat16.
namespace host {
template <typename Logit>
void softmax_forward(const LogitRows<Logit>& in, const SoftmaxResult& out, Stream stream);
template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out, Stream stream);
}  // namespace host
namespace cuda {
template <typename Logit>
void softmax_forward(const LogitRows<Logit>& in, const SoftmaxResult& out, Stream stream);
template <typename Logit, typename Gradient>
void softmax_backward(const LogitRows<Logit>& in, const SoftmaxGradient<Gradient>& out, Stream stream);
}  // namespace cuda

}  // namespace tempo::kernels
