// Stands in for the CUDA kernels in a build without them.
#include "tempo/core/error.h"
#include "tempo/kernels/clipped_loss.h"

namespace tempo::kernels::cuda {
namespace {

[[noreturn]] void fail(const char* function) {
  core::fail(function, ": expected a tempo built with CUDA (cmake --preset cuda), got one without");
}

}  // namespace

void clipped_loss(const ClippedLossArgs&, Stream) { fail("clipped_loss"); }

}  // namespace tempo::kernels::cuda
