// CUDA's names in terms of the host executor. Warp functions take all 32 lanes of a warp, as our kernels do:
// another mask is an error.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "device/host_exec.h"
#include "tempo/core/error.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static
#define __restrict__
#define __launch_bounds__(...)

using dim3 = tempo::kernels::host_exec::Extent;

namespace tempo::kernels::host_exec {

// threadIdx and its like: the members are read from the running fiber at each use.
template <auto Part, auto Member>
struct Coordinate {
  operator unsigned() const { return place().*Part.*Member; }
};
template <auto Part, auto X, auto Y, auto Z>
struct Coordinates {
  [[no_unique_address]] Coordinate<Part, X> x;
  [[no_unique_address]] Coordinate<Part, Y> y;
  [[no_unique_address]] Coordinate<Part, Z> z;
};
template <auto Part>
using Indices = Coordinates<Part, &Index::x, &Index::y, &Index::z>;
template <auto Part>
using Extents = Coordinates<Part, &Extent::x, &Extent::y, &Extent::z>;

template <typename T>
T shuffle(unsigned mask, T value, unsigned source, std::source_location site) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);
  TEMPO_CHECK(mask == 0xffffffffU, "host_exec: expected all lanes of the warp, got mask ", mask);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  const std::uint64_t got = warp_exchange(bits, site)[source];
  T result;
  std::memcpy(&result, &got, sizeof(T));
  return result;
}

}  // namespace tempo::kernels::host_exec

inline constexpr tempo::kernels::host_exec::Indices<&tempo::kernels::host_exec::Place::thread> threadIdx;
inline constexpr tempo::kernels::host_exec::Indices<&tempo::kernels::host_exec::Place::block> blockIdx;
inline constexpr tempo::kernels::host_exec::Extents<&tempo::kernels::host_exec::Place::threads> blockDim;
inline constexpr tempo::kernels::host_exec::Extents<&tempo::kernels::host_exec::Place::blocks> gridDim;

inline void __syncthreads(std::source_location site = std::source_location::current()) {
  tempo::kernels::host_exec::block_barrier(site);
}
inline void __syncwarp(unsigned mask = 0xffffffffU,
                       std::source_location site = std::source_location::current()) {
  tempo::kernels::host_exec::shuffle(mask, 0, 0, site);
}
template <typename T>
T __shfl_sync(unsigned mask, T value, int source,
              std::source_location site = std::source_location::current()) {
  return tempo::kernels::host_exec::shuffle(mask, value, static_cast<unsigned>(source) % 32, site);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int bits,
                  std::source_location site = std::source_location::current()) {
  return tempo::kernels::host_exec::shuffle(
      mask, value, tempo::kernels::host_exec::lane() ^ static_cast<unsigned>(bits), site);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned by,
                 std::source_location site = std::source_location::current()) {
  const unsigned lane = tempo::kernels::host_exec::lane();
  return tempo::kernels::host_exec::shuffle(mask, value, lane < by ? lane : lane - by, site);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned by,
                   std::source_location site = std::source_location::current()) {
  const unsigned lane = tempo::kernels::host_exec::lane();
  return tempo::kernels::host_exec::shuffle(mask, value, lane + by < 32 ? lane + by : lane, site);
}
inline unsigned __ballot_sync(unsigned mask, int predicate,
                              std::source_location site = std::source_location::current()) {
  TEMPO_CHECK(mask == 0xffffffffU, "host_exec: expected all lanes of the warp, got mask ", mask);
  const std::uint64_t* const votes = tempo::kernels::host_exec::warp_exchange(predicate != 0, site);
  unsigned result = 0;
  for (unsigned i = 0; i < 32; ++i) result |= static_cast<unsigned>(votes[i]) << i;
  return result;
}
inline int __any_sync(unsigned mask, int predicate,
                      std::source_location site = std::source_location::current()) {
  return __ballot_sync(mask, predicate, site) != 0;
}

// Fibers never run at the same time, so a plain operation is atomic. As on the device only for integers.
template <typename T>
T atomicAdd(T* address, T value) {
  static_assert(std::is_integral_v<T>, "sums of floats need a fixed order");
  const T old = *address;
  *address = static_cast<T>(old + value);
  return old;
}
template <typename T>
T atomicMin(T* address, T value) {
  const T old = *address;
  *address = std::min(old, value);
  return old;
}
template <typename T>
T atomicMax(T* address, T value) {
  const T old = *address;
  *address = std::max(old, value);
  return old;
}
template <typename T>
T atomicOr(T* address, T value) {
  const T old = *address;
  *address = old | value;
  return old;
}
template <typename T>
T atomicCAS(T* address, T expected, T value) {
  const T old = *address;
  if (old == expected) *address = value;
  return old;
}

inline int __ffs(int bits) { return bits == 0 ? 0 : std::countr_zero(static_cast<unsigned>(bits)) + 1; }
inline int __clz(int bits) { return std::countl_zero(static_cast<unsigned>(bits)); }
inline int __popc(unsigned bits) { return std::popcount(bits); }
inline float __int_as_float(int bits) { return std::bit_cast<float>(bits); }
inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline float __uint_as_float(unsigned bits) { return std::bit_cast<float>(bits); }
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
template <typename T>
T __ldg(const T* address) {
  return *address;
}

struct alignas(8) int2 {
  int x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
using std::max;
using std::min;
