// A build without CUDA: the CPU alone.
#pragma once

#include "cpu.h"

namespace tempo::bench {

// Calls `work` once for every backend that this machine has.
template <typename Work>
bool on_backends(const Work& work) {
  work(Cpu{});
  return true;
}

}  // namespace tempo::bench
