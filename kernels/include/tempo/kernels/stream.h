// The order of work on a device.
#pragma once

namespace tempo::kernels {

// A cudaStream_t; null: the default stream. Functions of the CPU take none.
using Stream = void*;

}  // namespace tempo::kernels
