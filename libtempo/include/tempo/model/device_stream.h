// Where kernels run on a device: after the work that libtorch has given it, without CUDA's headers.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "tempo/kernels/stream.h"

namespace tempo::model {

// Returns libtorch's current stream of the device, as kernels take it.
inline kernels::Stream current_stream(c10::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle();
}

}  // namespace tempo::model
