// What this build runs on.
#pragma once

namespace tempo::kernels {

// Whether the functions of namespace cuda are CUDA kernels. Else they throw.
bool has_cuda();

}  // namespace tempo::kernels
