#include "adamw_kernel.h"

#include <array>
#include <cmath>
#include <cstddef>

#include "master_bits.h"

namespace tempo::optim {

namespace {

// The master weight after an update; moves its moments.
inline float updated(const AdamWConstants& c, float gradient, float master, float& moment1, float& moment2) {
  const float g = gradient * c.gradient_scale;
  const float m = moment1 + c.one_minus_beta1 * (g - moment1);
  const float v = moment2 * c.beta2 + c.one_minus_beta2 * (g * g);
  moment1 = m;
  moment2 = v;
  return master * c.decay - c.step_size * (m / (std::sqrt(v) / c.sqrt_correction2 + c.epsilon));
}

}  // namespace

// In each, a local copy of the constants cannot alias the arrays, so the loop vectorises.
void adamw_update(const AdamWConstants& constants, std::int64_t n, const float* gradient, float* parameter,
                  float* moment1, float* moment2) {
  const AdamWConstants c = constants;
  for (std::int64_t i = 0; i < n; ++i)
    parameter[i] = updated(c, gradient[i], parameter[i], moment1[i], moment2[i]);
}

template <typename Gradient>
void adamw_update(const AdamWConstants& constants, std::int64_t n, const Gradient* gradient,
                  c10::Half* parameter, float* master, float* moment1, float* moment2) {
  const AdamWConstants c = constants;
  for (std::int64_t i = 0; i < n; ++i) {
    master[i] = updated(c, static_cast<float>(gradient[i]), master[i], moment1[i], moment2[i]);
    parameter[i] = static_cast<c10::Half>(master[i]);
  }
}

template <typename Gradient>
void adamw_update(const AdamWConstants& constants, std::int64_t n, const Gradient* gradient,
                  c10::BFloat16* parameter, std::int16_t* remainder, float* moment1, float* moment2) {
  const AdamWConstants c = constants;
  for (std::int64_t i = 0; i < n; ++i) {
    const float w = updated(c, static_cast<float>(gradient[i]), master_of({parameter[i].x, remainder[i]}),
                            moment1[i], moment2[i]);
    const MasterBits bits = bits_of(w);
    parameter[i].x = bits.rounded;
    remainder[i] = bits.remainder;
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

template void adamw_update(const AdamWConstants&, std::int64_t, const float*, c10::Half*, float*, float*,
                           float*);
template void adamw_update(const AdamWConstants&, std::int64_t, const c10::Half*, c10::Half*, float*, float*,
                           float*);
template void adamw_update(const AdamWConstants&, std::int64_t, const float*, c10::BFloat16*, std::int16_t*,
                           float*, float*);
template void adamw_update(const AdamWConstants&, std::int64_t, const c10::BFloat16*, c10::BFloat16*,
                           std::int16_t*, float*, float*);
template double sum_of_squares(std::int64_t, const float*);
template double sum_of_squares(std::int64_t, const c10::BFloat16*);
template double sum_of_squares(std::int64_t, const c10::Half*);

}  // namespace tempo::optim
