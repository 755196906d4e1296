#include "defects.h"
#include "device/device.h"

namespace tempo::kernels::TEMPO_BACKEND {
namespace {

constexpr int kThreads = 64;

__global__ void mirror(const float* from, float* to, int count, Defect defect) {
  __shared__ float values[kThreads];
  const int thread = static_cast<int>(threadIdx.x), begin = static_cast<int>(blockIdx.x) * kThreads;
  const int size = min(kThreads, count - begin);
  const int guard = defect == Defect::kGuard ? size + 1 : size;
  if (defect == Defect::kReach && thread % kWarp == kWarp - 1) {
    __syncthreads();
    return;
  }
  if (thread < guard) values[thread] = from[begin + thread];
  if (defect != Defect::kBarrier) __syncthreads();
  if (thread < size) to[begin + thread] = values[size - 1 - thread];
}

}  // namespace

void mirror_blocks(const float* from, float* to, int count, Defect defect, Stream stream) {
  launch("mirror_blocks", stream, {.grid = blocks_of(count, kThreads), .block = kThreads}, mirror, from, to,
         count, defect);
}

}  // namespace tempo::kernels::TEMPO_BACKEND
