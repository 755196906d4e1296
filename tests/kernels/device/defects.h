// A sound kernel and what goes wrong in kernels: the tests must find each of the defects.
#pragma once

#include "tempo/kernels/stream.h"

namespace tempo::kernels {

enum class Defect {
  kNone,
  kGuard,    // one item too many
  kBarrier,  // shared memory is read before all have written it
  kReach,    // some threads leave before a barrier
};

// Writes to each of `count` numbers that of the mirrored place in its block of 64, the last block shortened.
namespace host {
void mirror_blocks(const float* from, float* to, int count, Defect defect, Stream stream);
}
namespace cuda {
void mirror_blocks(const float* from, float* to, int count, Defect defect, Stream stream);
}

}  // namespace tempo::kernels
