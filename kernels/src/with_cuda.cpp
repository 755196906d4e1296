// The build with CUDA kernels.
#include "tempo/kernels/device.h"

namespace tempo::kernels {

bool has_cuda() { return true; }

}  // namespace tempo::kernels
