// e^x for softmax in registers.
#pragma once

#include "exponential_of.h"
#include "simd.h"

namespace tempo::kernels {

inline Floats exp_nonpositive(Floats x) { return exp_nonpositive_of<Floats, Words>(x); }

}  // namespace tempo::kernels
