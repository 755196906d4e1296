// How kernels that expand segments divide their output: each warp works on its own interval of it, whatever
// segments that holds.
#pragma once

#include "device/device.h"

namespace tempo::kernels::TEMPO_BACKEND {

inline constexpr int kIntervalThreads = 128;     // of a block
inline constexpr std::int64_t kInterval = 2048;  // items; finding the first segment is little beside them

inline unsigned interval_blocks(std::int64_t items) {
  return blocks_of(items, kInterval * (kIntervalThreads / kWarp));
}

__device__ inline std::int64_t interval_begin() {
  return (std::int64_t{blockIdx.x} * kIntervalThreads + threadIdx.x) / kWarp * kInterval;
}

// Returns the lane's first index of [begin, ...), so that the warp's stores fill whole sectors.
__device__ inline std::int64_t lane_begin(std::int64_t begin) {
  const std::int64_t index = begin / kWarp * kWarp + threadIdx.x % kWarp;
  return index < begin ? index + kWarp : index;
}

}  // namespace tempo::kernels::TEMPO_BACKEND
