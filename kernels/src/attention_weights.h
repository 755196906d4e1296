// The weights P and their gradients dS of rows against a block of keys, rounded to the inputs' type and laid
// out as operands of products (multiply_words.h). Such arrays are of `Element`s; "deep" ones hold words of
// kDepthStep neighbouring rows, those of float32 are plain.
#pragma once

#include <algorithm>
#include <cstdint>

#include "attention_block.h"
#include "exponential.h"
#include "multiply_words.h"
#include "tempo/kernels/pack.h"

namespace tempo::kernels {

// P and dS of kLanes neighbouring keys in one row.
struct RowWeights {
  Floats weight, grad_score;
};

// One row's scores against a block and what turns them into P = exp(score - logsumexp), dS = P (dP - delta).
struct ScoredRow {
  const float *score, *grad_weight;  // before the scale; dP
  float scale, logsumexp, delta;
  std::int64_t seen;  // keys of the block that the row sees; may be negative

  // Of the keys from j on; zeros for those that the row does not see.
  RowWeights weights(std::int64_t j) const {
    const Floats zero = {};
    // The score can pass the logsumexp by its rounding, which the exponential does not accept.
    const Floats above = load(score + j) * scale - logsumexp;
    const Floats weight = exp_nonpositive(above > 0.0F ? zero : above);
    const RowWeights all{weight, weight * (load(grad_weight + j) - delta)};
    if (seen >= j + kLanes) return all;
    Words lane;
    for (int l = 0; l < kLanes; ++l) lane[l] = static_cast<std::uint32_t>(l);
    const auto end = static_cast<std::uint32_t>(std::max<std::int64_t>(seen - j, 0));
    return {lane < end ? all.weight : zero, lane < end ? all.grad_score : zero};
  }
};

// Where P and dS of two rows go, from the block's first key on.
template <typename Element>
struct WeightTargets {
  Element *weight, *grad_score;  // deep, [2 / step, kKeyBlock, step]
  Element* grad_score_rows;      // [2, kKeyBlock]; float32: grad_score

  void store(std::int64_t j, const RowWeights& first, const RowWeights& second) const;
};

template <>
inline void WeightTargets<float>::store(std::int64_t j, const RowWeights& first,
                                        const RowWeights& second) const {
  kernels::store(weight + j, first.weight);
  kernels::store(weight + j + kKeyBlock, second.weight);
  kernels::store(grad_score + j, first.grad_score);
  kernels::store(grad_score + j + kKeyBlock, second.grad_score);
}

template <>
inline void WeightTargets<BFloat16>::store(std::int64_t j, const RowWeights& first,
                                           const RowWeights& second) const {
  store_words(weight + 2 * j, zip_halves(round_to_pairs(first.weight, second.weight)));
  const Words both = round_to_pairs(first.grad_score, second.grad_score);
  store_words(grad_score + 2 * j, zip_halves(both));
  store_half<0>(grad_score_rows + j, both);
  store_half<1>(grad_score_rows + j + kKeyBlock, both);
}

}  // namespace tempo::kernels
