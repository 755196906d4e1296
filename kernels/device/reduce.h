// Sums and maxima over a block in a fixed order: two runs give the same bits.
#pragma once

#include "device/device.h"

namespace tempo::kernels::TEMPO_BACKEND {

// Returns, in every lane, the sum over the warp.
template <typename T>
__device__ T warp_sum(T value) {
  for (int step = kWarp / 2; step > 0; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
  return value;
}

template <typename T>
__device__ T larger(T a, T b) {
  return a >= b || a != a ? a : b;
}

template <typename T>
__device__ T warp_max(T value) {
  for (int step = kWarp / 2; step > 0; step /= 2)
    value = larger(value, __shfl_xor_sync(kAllLanes, value, step));
  return value;
}

// Returns the block's sum in thread 0, of blocks of kThreads x 1 x 1. `partial`: shared, kThreads / 32
// numbers; may be used again after the next barrier.
template <int kThreads, typename T>
__device__ T block_sum(T value, T* partial) {
  value = warp_sum(value);
  if (threadIdx.x % kWarp == 0) partial[threadIdx.x / kWarp] = value;
  __syncthreads();
  T sum{};
  if (threadIdx.x == 0)
    for (int warp = 0; warp < kThreads / kWarp; ++warp) sum += partial[warp];
  return sum;
}

// The same of the largest. NaN counts as the largest of all.
template <int kThreads, typename T>
__device__ T block_max(T value, T* partial) {
  value = warp_max(value);
  if (threadIdx.x % kWarp == 0) partial[threadIdx.x / kWarp] = value;
  __syncthreads();
  T largest = partial[0];
  if (threadIdx.x == 0)
    for (int warp = 1; warp < kThreads / kWarp; ++warp) largest = larger(largest, partial[warp]);
  return largest;
}

}  // namespace tempo::kernels::TEMPO_BACKEND
