// The steps of a transformer layer between its matrix products, over rows: RMSNorm, SiLU, rotary embedding.
// Arrays are dense, [rows, width]; float32 or bfloat16 in memory, float32 inside. Single-threaded: a caller
// deals rows to threads. A row's bits depend on that row alone.
#pragma once

#include <cstdint>

#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels {

template <typename Element>
struct RmsNormRows {
  const Element* x = nullptr;
  const Element* delta = nullptr;   // added to x first; null: nothing
  const Element* weight = nullptr;  // [width]
  float epsilon = 0.0F;
  Element* sum = nullptr;        // x + delta, rounded; null where delta is
  Element* normed = nullptr;     // round(sum / rms(sum)) * weight
  float* inverse_rms = nullptr;  // [rows]
};

template <typename Element>
void rms_norm(const RmsNormRows<Element>& arrays, std::int64_t rows, std::int64_t width);

// Writes RmsNormRows::normed again, bit for bit, from the sum and inverse_rms that rms_norm has written.
template <typename Element>
void rms_norm_again(const Element* sum, const Element* weight, const float* inverse_rms, std::int64_t rows,
                    std::int64_t width, Element* normed);

template <typename Element>
struct RmsNormGradients {
  const Element* sum = nullptr;  // what was normalised
  const Element* weight = nullptr;
  const float* inverse_rms = nullptr;
  const Element* grad_normed = nullptr;
  const Element* grad_sum = nullptr;  // from the sum's other readers; null: nothing
  Element* grad_x = nullptr;          // written: the gradient of x and of delta
  float* grad_weight = nullptr;       // [width], added to
};

template <typename Element>
void rms_norm_backward(const RmsNormGradients<Element>& arrays, std::int64_t rows, std::int64_t width);

// Writes out = silu(gate) * up for `count` numbers.
template <typename Element>
void silu_mul(const Element* gate, const Element* up, std::int64_t count, Element* out);

template <typename Element>
struct SiluMulGradients {
  const Element* gate = nullptr;
  const Element* up = nullptr;
  const Element* grad_out = nullptr;
  Element* grad_gate = nullptr;  // written
  Element* grad_up = nullptr;    // written
};

template <typename Element>
void silu_mul_backward(const SiluMulGradients<Element>& arrays, std::int64_t count);

// Turns each token's heads by its angles: x and out [tokens, heads, 2 half], cosine and sine [tokens, half].
// `direction` 1 turns forwards, -1 back, which is the gradient.
template <typename Element>
struct RotaryRows {
  const Element* x = nullptr;
  const float* cosine = nullptr;
  const float* sine = nullptr;
  float direction = 1.0F;
  Element* out = nullptr;
};

template <typename Element>
void rotate(const RotaryRows<Element>& arrays, std::int64_t tokens, std::int64_t heads, std::int64_t half);

}  // namespace tempo::kernels
