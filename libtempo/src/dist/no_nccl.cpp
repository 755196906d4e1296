#include "backend.h"
#include "tempo/core/error.h"

namespace tempo::dist {

BackendPtr make_nccl(const GroupOptions& options, const StorePtr& /*store*/) {
  core::fail("device: expected cpu, got ", options.device.str(),
             " (this build has no NCCL: TEMPO_CUDA is off)");
}

}  // namespace tempo::dist
