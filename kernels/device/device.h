// The only header that a kernel's text includes for its machine: CUDA under nvcc; under g++ the host
// executor, which runs the same text on the CPU for tests. The text lives in namespace
// tempo::kernels::TEMPO_BACKEND.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tempo/core/error.h"
#include "tempo/kernels/stream.h"

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#define TEMPO_BACKEND cuda
#else
#include "device/host_builtins.h"
#include "device/host_exec.h"
#define TEMPO_BACKEND host
#endif

namespace tempo::kernels::TEMPO_BACKEND {

inline constexpr int kWarp = 32;
inline constexpr unsigned kAllLanes = 0xffffffffU;

struct Shape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;  // of dynamic_shared(), at most 227 KiB
};

// Returns how many blocks of `size` cover `count` items.
inline unsigned blocks_of(std::int64_t count, std::int64_t size) {
  return static_cast<unsigned>((count + size - 1) / size);
}

#if defined(__CUDACC__)

// The one place where kernels are launched. Throws tempo::Error with CUDA's message when that fails, as it
// does without a device. A grid without blocks is no work.
template <typename... Parameters, typename... Arguments>
void launch(const char* name, Stream stream, const Shape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  constexpr std::size_t kFree = std::size_t{32} << 10;  // 48 KiB with a kernel's own; more must be asked for
  if (shape.grid.x == 0 || shape.grid.y == 0) return;
  cudaError_t error = cudaSuccess;
  if (shape.shared_bytes > kFree)
    error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 static_cast<int>(shape.shared_bytes));
  if (error == cudaSuccess) {
    kernel<<<shape.grid, shape.block, shape.shared_bytes, static_cast<cudaStream_t>(stream)>>>(arguments...);
    error = cudaGetLastError();
  }
  TEMPO_CHECK(error == cudaSuccess, name, ": expected a launch, got CUDA error: ", cudaGetErrorString(error));
}

// Returns the memory of Shape::shared_bytes, one block's.
template <typename T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char tempo_dynamic_shared[];
  return reinterpret_cast<T*>(tempo_dynamic_shared);
}

#else

template <typename... Parameters, typename... Arguments>
void launch(const char* /*name*/, Stream /*stream*/, const Shape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  host_exec::run_grid(shape.grid, shape.block, shape.shared_bytes, [&] { kernel(arguments...); });
}

template <typename T>
T* dynamic_shared() {
  return reinterpret_cast<T*>(host_exec::dynamic_shared());
}

#endif

}  // namespace tempo::kernels::TEMPO_BACKEND
