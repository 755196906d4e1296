// The arithmetic of one AdamW update and of a sum of squares, on raw arrays. No ATen: its sources are
// compiled with their own floating-point options, which a precompiled header would not allow.
#pragma once

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <cstdint>

namespace tempo::optim {

// Constants of one update, rounded once from double.
struct AdamWConstants {
  float decay;      // 1 - learning rate x weight decay
  float step_size;  // learning rate / (1 - beta1^t)
  float beta2;
  float one_minus_beta1;
  float one_minus_beta2;
  float sqrt_correction2;  // sqrt(1 - beta2^t)
  float epsilon;
  float gradient_scale;
};

// Updates n elements: float32 parameters. Elements are independent, so any split of the range gives the same
// bits; so do the other two.
void adamw_update(const AdamWConstants& constants, std::int64_t n, const float* gradient, float* parameter,
                  float* moment1, float* moment2);

// The same for a parameter of 16 bits with a float32 master, from which it is rounded.
template <typename Gradient>
void adamw_update(const AdamWConstants& constants, std::int64_t n, const Gradient* gradient,
                  c10::Half* parameter, float* master, float* moment1, float* moment2);

// The same for a bfloat16 parameter whose master is the parameter and a remainder (master_bits.h).
template <typename Gradient>
void adamw_update(const AdamWConstants& constants, std::int64_t n, const Gradient* gradient,
                  c10::BFloat16* parameter, std::int16_t* remainder, float* moment1, float* moment2);

// Returns the sum of squares of n elements in double, in an order that depends on n alone.
template <typename T>
double sum_of_squares(std::int64_t n, const T* values);

}  // namespace tempo::optim
