#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "backend.h"

namespace tempo::dist {

BackendPtr make_gloo(const GroupOptions& options, const StorePtr& store) {
  auto gloo = c10d::ProcessGroupGloo::Options::create(timeout_of(options));
  gloo->devices = {c10d::ProcessGroupGloo::createDeviceForHostname(own_address(options))};
  gloo->threads = 2;
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, options.rank, options.size, gloo);
}

}  // namespace tempo::dist
