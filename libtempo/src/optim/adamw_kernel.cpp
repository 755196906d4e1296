#include "adamw_kernel.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>

namespace tempo::optim {

template <typename T>
void adamw_update(const AdamWConstants& constants, std::int64_t n, const T* gradient, float* master,
                  float* moment1, float* moment2, T* copy) {
  const AdamWConstants c = constants;  // a local copy cannot alias the arrays, so the loop vectorises
  for (std::int64_t i = 0; i < n; ++i) {
    const float g = static_cast<float>(gradient[i]) * c.gradient_scale;
    const float m = moment1[i] + c.one_minus_beta1 * (g - moment1[i]);
    const float v = moment2[i] * c.beta2 + c.one_minus_beta2 * (g * g);
    const float denominator = std::sqrt(v) / c.sqrt_correction2 + c.epsilon;
    const float w = master[i] * c.decay - c.step_size * (m / denominator);
    moment1[i] = m;
    moment2[i] = v;
    master[i] = w;
    if constexpr (!std::is_same_v<T, float>) copy[i] = static_cast<T>(w);
  }
}

template <typename T>
double sum_of_squares(std::int64_t n, const T* values) {
  constexpr std::int64_t kLanes = 16;  // independent sums, so that the additions overlap
  std::array<double, kLanes> lane{};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::int64_t j = 0; j < kLanes; ++j) {
      const double x = static_cast<float>(values[i + j]);
      lane[static_cast<std::size_t>(j)] += x * x;
    }
  }
  for (; i < n; ++i) {
    const double x = static_cast<float>(values[i]);
    lane[static_cast<std::size_t>(i % kLanes)] += x * x;
  }
  double sum = 0;
  for (const double part : lane) sum += part;
  return sum;
}

template void adamw_update(const AdamWConstants&, std::int64_t, const float*, float*, float*, float*, float*);
template void adamw_update(const AdamWConstants&, std::int64_t, const c10::BFloat16*, float*, float*, float*,
                           c10::BFloat16*);
template void adamw_update(const AdamWConstants&, std::int64_t, const c10::Half*, float*, float*, float*,
                           c10::Half*);
template double sum_of_squares(std::int64_t, const float*);
template double sum_of_squares(std::int64_t, const c10::BFloat16*);
template double sum_of_squares(std::int64_t, const c10::Half*);

}  // namespace tempo::optim
