#include "tempo/kernels/elementwise.h"

#include <cmath>

#include "exponential.h"

namespace tempo::kernels {
namespace {

// Partial sums kept side by side: a fixed order of addition on every machine, which the compiler vectorises.
constexpr std::int64_t kPartial = 16;

// Returns the sum of term(i) over 0 .. count - 1.
template <typename Term>
float sum_terms(std::int64_t count, const Term& term) {
  float partial[kPartial] = {};
  std::int64_t i = 0;
  for (; i + kPartial <= count; i += kPartial) {
    for (std::int64_t lane = 0; lane < kPartial; ++lane) partial[lane] += term(i + lane);
  }
  for (; i < count; ++i) partial[i % kPartial] += term(i);
  float sum = 0;
  for (const float value : partial) sum += value;
  return sum;
}

template <typename Element>
float rounded(float value) {
  Element element;
  assign(element, value);
  return to_float(element);
}

float sigmoid(float x) {
  const float small = exp_nonpositive(-std::fabs(x));
  return (x < 0 ? small : 1.0F) / (1.0F + small);
}

template <typename Element>
void normalise_row(const Element* source, const Element* weight, float scale, std::int64_t width,
                   Element* normed) {
  for (std::int64_t i = 0; i < width; ++i)
    assign(normed[i], rounded<Element>(to_float(source[i]) * scale) * to_float(weight[i]));
}

}  // namespace

template <typename Element>
void rms_norm(const RmsNormRows<Element>& arrays, std::int64_t rows, std::int64_t width) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const Element* source = arrays.x + row * width;
    if (arrays.delta) {
      const Element* const delta = arrays.delta + row * width;
      Element* const sum = arrays.sum + row * width;
      for (std::int64_t i = 0; i < width; ++i) assign(sum[i], to_float(source[i]) + to_float(delta[i]));
      source = sum;
    }
    const float squares =
        sum_terms(width, [&](std::int64_t i) { return to_float(source[i]) * to_float(source[i]); });
    const float scale = 1.0F / std::sqrt(squares / static_cast<float>(width) + arrays.epsilon);
    normalise_row(source, arrays.weight, scale, width, arrays.normed + row * width);
    arrays.inverse_rms[row] = scale;
  }
}

template <typename Element>
void rms_norm_again(const Element* sum, const Element* weight, const float* inverse_rms, std::int64_t rows,
                    std::int64_t width, Element* normed) {
  for (std::int64_t row = 0; row < rows; ++row)
    normalise_row(sum + row * width, weight, inverse_rms[row], width, normed + row * width);
}

template <typename Element>
void rms_norm_backward(const RmsNormGradients<Element>& arrays, std::int64_t rows, std::int64_t width) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const Element* const sum = arrays.sum + row * width;
    const Element* const grad = arrays.grad_normed + row * width;
    Element* const grad_x = arrays.grad_x + row * width;
    const float scale = arrays.inverse_rms[row];
    const auto unit = [&](std::int64_t i) { return to_float(sum[i]) * scale; };
    const auto grad_unit = [&](std::int64_t i) { return to_float(grad[i]) * to_float(arrays.weight[i]); };
    const float mean =
        sum_terms(width, [&](std::int64_t i) { return unit(i) * grad_unit(i); }) / static_cast<float>(width);
    for (std::int64_t i = 0; i < width; ++i) {
      const float other = arrays.grad_sum ? to_float(arrays.grad_sum[row * width + i]) : 0.0F;
      assign(grad_x[i], scale * (grad_unit(i) - unit(i) * mean) + other);
    }
    for (std::int64_t i = 0; i < width; ++i) {
      arrays.grad_weight[i] += to_float(grad[i]) * rounded<Element>(unit(i));
    }
  }
}

template <typename Element>
void silu_mul(const Element* gate, const Element* up, std::int64_t count, Element* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = to_float(gate[i]);
    assign(out[i], x * sigmoid(x) * to_float(up[i]));
  }
}

template <typename Element>
void silu_mul_backward(const SiluMulGradients<Element>& arrays, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = to_float(arrays.gate[i]), grad = to_float(arrays.grad_out[i]);
    const float s = sigmoid(x);
    assign(arrays.grad_up[i], grad * x * s);
    assign(arrays.grad_gate[i], grad * to_float(arrays.up[i]) * s * (1.0F + x * (1.0F - s)));
  }
}

template <typename Element>
void rotate(const RotaryRows<Element>& arrays, std::int64_t tokens, std::int64_t heads, std::int64_t half) {
  for (std::int64_t row = 0; row < tokens * heads; ++row) {
    const float* const cosine = arrays.cosine + row / heads * half;
    const float* const sine = arrays.sine + row / heads * half;
    const Element* const first = arrays.x + row * 2 * half;
    const Element* const second = first + half;
    Element* const out = arrays.out + row * 2 * half;
    for (std::int64_t i = 0; i < half; ++i) {
      const float a = to_float(first[i]), b = to_float(second[i]), turn = arrays.direction * sine[i];
      assign(out[i], a * cosine[i] - b * turn);
      assign(out[half + i], b * cosine[i] + a * turn);
    }
  }
}

template void rms_norm(const RmsNormRows<float>&, std::int64_t, std::int64_t);
template void rms_norm(const RmsNormRows<BFloat16>&, std::int64_t, std::int64_t);
template void rms_norm_again(const float*, const float*, const float*, std::int64_t, std::int64_t, float*);
template void rms_norm_again(const BFloat16*, const BFloat16*, const float*, std::int64_t, std::int64_t,
                             BFloat16*);
template void rms_norm_backward(const RmsNormGradients<float>&, std::int64_t, std::int64_t);
template void rms_norm_backward(const RmsNormGradients<BFloat16>&, std::int64_t, std::int64_t);
template void silu_mul(const float*, const float*, std::int64_t, float*);
template void silu_mul(const BFloat16*, const BFloat16*, std::int64_t, BFloat16*);
template void silu_mul_backward(const SiluMulGradients<float>&, std::int64_t);
template void silu_mul_backward(const SiluMulGradients<BFloat16>&, std::int64_t);
template void rotate(const RotaryRows<float>&, std::int64_t, std::int64_t, std::int64_t);
template void rotate(const RotaryRows<BFloat16>&, std::int64_t, std::int64_t, std::int64_t);

}  // namespace tempo::kernels
