#include <c10/cuda/CUDAGuard.h>

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "backend.h"

// c10d's class holds a struct of this header, whose size differs between versions: with another one than
// libtorch's it compiles, and crashes (docs/gpu.md).
static_assert(NCCL_VERSION_CODE >= NCCL_VERSION(2, 30, 7),
              "expected nccl.h of the wheel that libtorch asks for");

namespace tempo::dist {

// The communicator is made at once, so that a device that cannot be reached is told at the start.
BackendPtr make_nccl(const GroupOptions& options, const StorePtr& store) {
  const c10::cuda::CUDAGuard guard(options.device);
  auto nccl = c10d::ProcessGroupNCCL::Options::create();
  nccl->timeout = timeout_of(options);
  auto backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, options.rank, options.size, nccl);
  backend->setBoundDeviceId(options.device);
  backend->eagerConnectSingleDevice(options.device);
  return backend;
}

}  // namespace tempo::dist
