// One block of each quantised format of GGUF files. A block's scales stand in it as half-precision numbers.
// A scale times a code of 4 or 5 bits, and of its part of 6, is exact in float32: at most 11 + 6 + 5 bits. So
// values do not depend on whether the compiler fuses the addition that follows.
#pragma once

#include <cstddef>

namespace tempo::io {

// 32 values and one scale; the "_1" formats also have the value of the lowest code.
void dequantize_q4_0(const std::byte* bytes, float* values);
void dequantize_q4_1(const std::byte* bytes, float* values);
void dequantize_q5_0(const std::byte* bytes, float* values);
void dequantize_q5_1(const std::byte* bytes, float* values);
void dequantize_q8_0(const std::byte* bytes, float* values);

// 256 values in parts, each with a scale of its own.
void dequantize_q4_k(const std::byte* bytes, float* values);
void dequantize_q5_k(const std::byte* bytes, float* values);
void dequantize_q6_k(const std::byte* bytes, float* values);

}  // namespace tempo::io
