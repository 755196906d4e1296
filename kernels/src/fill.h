// Fills large arrays at the speed of memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tempo::kernels {

// Outputs of more bytes than this leave the caches before they are read, so fetching their lines, only to
// overwrite them, is a third of the traffic.
inline constexpr std::int64_t kCacheBytes = std::int64_t{8} << 20;

#if defined(__SSE2__)

// Writes around the caches; fill_fence must follow in the same thread before others read.
inline void fill_memory(float* begin, float* end, float value) {
  constexpr std::size_t kLine = 64;
  while (begin != end && reinterpret_cast<std::uintptr_t>(begin) % kLine != 0) *begin++ = value;
  const __m128 values = _mm_set1_ps(value);
  constexpr std::ptrdiff_t kFloats = kLine / sizeof(float);
  for (; end - begin >= kFloats; begin += kFloats)
    for (std::ptrdiff_t i = 0; i < kFloats; i += 4) _mm_stream_ps(begin + i, values);
  std::fill(begin, end, value);
}
inline void fill_fence() { _mm_sfence(); }

#else

inline void fill_memory(float* begin, float* end, float value) { std::fill(begin, end, value); }
inline void fill_fence() {}

#endif

}  // namespace tempo::kernels
