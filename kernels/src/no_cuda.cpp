// Stands in for the CUDA kernels in a build without them.
#include "tempo/core/error.h"
#include "tempo/kernels/clipped_loss.h"
#include "tempo/kernels/device.h"

namespace tempo::kernels {

bool has_cuda() { return false; }

namespace cuda {
namespace {

[[noreturn]] void fail(const char* function) {
  core::fail(function, ": expected a tempo built with CUDA (cmake --preset cuda), got one without");
}

}  // namespace

void clipped_loss(const ClippedLossArgs&, Stream) { fail("clipped_loss"); }

}  // namespace cuda
}  // namespace tempo::kernels
