// What this build runs on.
#pragma once

#include <cstddef>

#include "tempo/kernels/stream.h"

namespace tempo::kernels {

// Whether the functions of namespace cuda are CUDA kernels. Else they throw.
bool has_cuda();

namespace cuda {
// Copies bytes of the device when all work before on the stream is done, and waits for it. Throws
// tempo::Error with CUDA's message when any of that work failed.
void copy_to_host(void* to, const void* from, std::size_t bytes, Stream stream);
}  // namespace cuda

}  // namespace tempo::kernels
