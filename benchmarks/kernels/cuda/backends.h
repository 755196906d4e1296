// A build with CUDA: the CPU, and a device where there is one.
#pragma once

#include "cpu.h"
#include "device.h"

namespace tempo::bench {

// Calls `work` once for every backend that this machine has.
template <typename Work>
bool on_backends(const Work& work) {
  work(Cpu{});
  if (Cuda::available()) work(Cuda{});
  return true;
}

}  // namespace tempo::bench
