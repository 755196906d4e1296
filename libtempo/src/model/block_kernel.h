// One block of a product: by oneDNN's block kernel or by our own, whichever suits the processor and the rows.
#pragma once

#include <ATen/ATen.h>
#include <ATen/native/CPUBlas.h>

#include <cstdint>

#include "tempo/kernels/pack.h"

namespace tempo::model {

// Whether oneDNN's block kernel has instructions for the dtype here: AVX-512, for bfloat16 its dot products.
inline bool processor_has_block_kernel(at::ScalarType dtype) {
#if defined(__x86_64__)
  static const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  static const bool bfloat16 = avx512 && __builtin_cpu_supports("avx512bf16");
  return dtype == at::kFloat ? avx512 : dtype == at::kBFloat16 && bfloat16;
#else
  static_cast<void>(dtype);
  return false;
#endif
}

inline bool processor_has_blocks(at::ScalarType dtype) {
  return processor_has_block_kernel(dtype) ||
         (kernels::has_panel_product() && (dtype == at::kFloat || dtype == at::kBFloat16));
}

template <typename Element>
struct AtenType;
template <>
struct AtenType<float> {
  using type = float;
};
template <>
struct AtenType<kernels::BFloat16> {
  using type = c10::BFloat16;
};

template <typename Element>
inline constexpr at::ScalarType kDtype = c10::CppTypeToScalarType<typename AtenType<Element>::type>::value;
template <typename Element>
inline constexpr bool kHoldsPairs = kernels::kDepthStep<Element> == 2;

// The rows up to which our own kernel is used: all where the block kernel has no instructions; few of
// bfloat16, whose panels it reads faster, and sums in the same order. A matrix unit rounds otherwise: there
// every product is the block kernel's.
template <typename Element>
std::int64_t rows_of_own_kernel() {
  static const std::int64_t rows = [] {
    if (!processor_has_block_kernel(kDtype<Element>)) return std::int64_t{1} << 62;
#if defined(__x86_64__)
    if (kDtype<Element> == at::kBFloat16 && kernels::has_pair_products() &&
        !__builtin_cpu_supports("amx-bf16"))
      return std::int64_t{32};
#endif
    return std::int64_t{0};
  }();
  return rows;
}

// c [rows, width] (+)= a [rows, depth] panel. The block kernel is compiled for each number of rows: all up to
// 16, and multiples of 16, so that there are not many. next: as of multiply_panel.
template <typename Element>
void block_product(std::int64_t rows, std::int64_t depth, kernels::MatrixRows<Element> a,
                   const Element* panel, std::int64_t width, bool add, float* c, std::int64_t c_stride,
                   std::int64_t next = 0) {
  using Aten = typename AtenType<Element>::type;
  constexpr std::int64_t kRowStep = 16;
  if (rows <= rows_of_own_kernel<Element>())
    return kernels::multiply_panel(a, rows, depth, panel, width, add, c, c_stride, next);
  const std::int64_t whole = rows / kRowStep * kRowStep;
  for (std::int64_t begin = 0; begin<rows; begin += whole> begin ? whole : rows) {
    const std::int64_t count = whole > begin ? whole : rows - begin;
    at::native::cpublas::brgemm(count, width, depth, a.stride, width, c_stride, add,
                                reinterpret_cast<const Aten*>(a.data + begin * a.stride),
                                reinterpret_cast<const Aten*>(panel), c + begin * c_stride,
                                kHoldsPairs<Element>);
  }
}

// Gives the processor's matrix unit back when a thread's work is done.
template <typename Element>
struct MatrixUnit {
  MatrixUnit() = default;
  MatrixUnit(const MatrixUnit&) = delete;
  MatrixUnit& operator=(const MatrixUnit&) = delete;
  ~MatrixUnit() {
    if (processor_has_block_kernel(kDtype<Element>))
      at::native::cpublas::brgemm_release(kHoldsPairs<Element>);
  }
};

}  // namespace tempo::model
