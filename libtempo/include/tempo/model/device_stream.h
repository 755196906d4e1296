// Where kernels run on a device: after the work that libtorch has given it, without CUDA's headers.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "tempo/kernels/stream.h"

namespace tempo::model {

// Calls launch(kernels::Stream) with libtorch's current stream of the device, which is meanwhile the current
// one.
template <typename Launch>
void on_device(c10::Device device, const Launch& launch) {
  const c10::DeviceGuard guard(device);
  launch(kernels::Stream{c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle()});
}

}  // namespace tempo::model
