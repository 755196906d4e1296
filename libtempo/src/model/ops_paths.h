// The two implementations of the element-wise steps: own CPU kernels, and ATen operators for any device.
#pragma once

#include <ATen/ATen.h>

#include "rotary.h"

namespace tempo::model {

// Of x + delta, or of x where delta is undefined: then sum is undefined too.
struct NormResult {
  at::Tensor sum;
  at::Tensor normed;
  at::Tensor inverse_rms;  // float32, a row
};

struct NormInputs {
  at::Tensor sum;  // what was normalised
  at::Tensor weight;
  at::Tensor inverse_rms;
};

struct NormGradients {
  at::Tensor x;  // and of delta
  at::Tensor weight;
};

struct SiluMulGradients {
  at::Tensor gate;
  at::Tensor up;
};

// On the CPU, float32 or bfloat16. Bits do not depend on the number of threads.
NormResult norm_by_kernels(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                           double eps);
NormGradients norm_backward_by_kernels(const NormInputs& inputs, const at::Tensor& grad_sum,
                                       const at::Tensor& grad_normed);
at::Tensor normed_by_kernels(const NormInputs& inputs);
at::Tensor silu_mul_by_kernels(const at::Tensor& gate, const at::Tensor& up);
SiluMulGradients silu_mul_backward_by_kernels(const at::Tensor& gate, const at::Tensor& up,
                                              const at::Tensor& grad);
at::Tensor rotate_by_kernels(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards);

struct KeysValues {
  at::Tensor key, value;
};
void store_by_kernels(const KeysValues& rows_TKE, const RotaryTables& tables, const at::Tensor& slot_T,
                      const KeysValues& cache_SKE);

// On any device, of any floating-point dtype.
NormResult norm_by_operators(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& weight,
                             double eps);
NormGradients norm_backward_by_operators(const NormInputs& inputs, const at::Tensor& grad_sum,
                                         const at::Tensor& grad_normed);
at::Tensor normed_by_operators(const NormInputs& inputs);
at::Tensor silu_mul_by_operators(const at::Tensor& gate, const at::Tensor& up);
SiluMulGradients silu_mul_backward_by_operators(const at::Tensor& gate, const at::Tensor& up,
                                                const at::Tensor& grad);
at::Tensor rotate_by_operators(const at::Tensor& x_THE, const RotaryTables& tables, bool forwards);

}  // namespace tempo::model
