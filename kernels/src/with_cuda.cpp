// The build with CUDA kernels.
#include <cuda_runtime.h>

#include "tempo/core/error.h"
#include "tempo/kernels/device.h"

namespace tempo::kernels {

bool has_cuda() { return true; }

void cuda::copy_to_host(void* to, const void* from, std::size_t bytes, Stream stream) {
  const auto on = static_cast<cudaStream_t>(stream);
  cudaError_t error = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, on);
  if (error == cudaSuccess) error = cudaStreamSynchronize(on);
  TEMPO_CHECK(error == cudaSuccess, "copy_to_host: CUDA error: ", cudaGetErrorString(error));
}

}  // namespace tempo::kernels
