// AdamW's update of whole tensors: own loops over flat CPU memory, ATen operators elsewhere.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "adamw_kernel.h"
#include "tempo/core/error.h"

namespace tempo::optim {

inline constexpr std::int64_t kChunk = 1 << 16;  // elements: large against the cost of handing out work

// Whether the own loops can read the tensor; they know no float64.
inline bool is_flat_on_cpu(const at::Tensor& tensor) {
  return tensor.is_cpu() && tensor.is_contiguous() && tensor.scalar_type() != at::kDouble;
}

// Calls function with a value of the dtype's C++ type.
template <typename Function>
void with_element_type(at::ScalarType dtype, const Function& function) {
  switch (dtype) {
    case at::kFloat:
      return function(float{});
    case at::kBFloat16:
      return function(c10::BFloat16{});
    case at::kHalf:
      return function(c10::Half{});
    default:
      core::fail("optim: expected float32, bfloat16 or float16, got ", at::toString(dtype));
  }
}

// What the optimiser keeps of a parameter's float32 value: the parameter itself, a float32 copy of a float16
// one, or the int16 remainders of a bfloat16 one (master_bits.h).
at::Tensor make_master(const at::Tensor& parameter);

// Returns the float32 value.
at::Tensor read_master(const at::Tensor& parameter, const at::Tensor& master);

struct AdamWTensors {
  at::Tensor parameter, master, moment1, moment2;
};

// gradient: of the parameter's dtype or float32.
void update_tensors(const AdamWConstants& constants, const at::Tensor& gradient, const AdamWTensors& tensors);

}  // namespace tempo::optim
