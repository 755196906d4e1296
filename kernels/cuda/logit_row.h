// One row of logits, as a block of threads reads it: in any order, or for sums in the order of the CPU.
#pragma once

#include "cuda/row_sums.h"
#include "device/device.h"
#include "src/token_weight.h"
#include "tempo/kernels/bfloat16.h"

namespace tempo::kernels::TEMPO_BACKEND {

constexpr int kRowWarps = kRowThreads / kWarp;

template <typename Logit>
struct LogitRow {
  const Logit* logits;
  std::int32_t vocab;

  __device__ std::int32_t blocks() const { return (vocab + kSummedTokens - 1) / kSummedTokens; }
  __device__ float operator[](std::int32_t token) const { return to_float(logits[token]); }
};

// Returns logit `i` of 16 bytes.
template <typename Logit>
__device__ float unpacked(const unsigned (&words)[4], int i) {
  if constexpr (sizeof(Logit) == 4) return __uint_as_float(words[i]);
  return __uint_as_float(i % 2 == 0 ? words[i / 2] << 16 : words[i / 2] & 0xffff0000U);
}

// Calls use(token, logit) for every token, 16 bytes a load where they are aligned. In no order.
template <typename Logit, typename Use>
__device__ void for_each_logit(const LogitRow<Logit>& row, const Use& use) {
  constexpr int kLoad = 16, kPer = kLoad / static_cast<int>(sizeof(Logit));
  const auto thread = static_cast<std::int32_t>(threadIdx.x);
  const auto past =
      static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(row.logits) % kLoad / sizeof(Logit));
  const std::int32_t head = min((kPer - past) % kPer, row.vocab), loads = (row.vocab - head) / kPer;
  if (thread < head) use(thread, row[thread]);
  const auto* const aligned = reinterpret_cast<const uint4*>(row.logits + head);
  for (std::int32_t load = thread; load < loads; load += kRowThreads) {
    const uint4 loaded = aligned[load];
    const unsigned words[4] = {loaded.x, loaded.y, loaded.z, loaded.w};
#pragma unroll
    for (int i = 0; i < kPer; ++i) use(head + load * kPer + i, unpacked<Logit>(words, i));
  }
  const std::int32_t rest = head + loads * kPer + thread;
  if (rest < row.vocab) use(rest, row[rest]);
}

// Returns the sum over the half warp's partial sums, in their order.
__device__ inline double sum_in_order(double partial) {
  const int first = static_cast<int>(threadIdx.x) % kWarp / kPartialSums * kPartialSums;
  double sum = 0;
#pragma unroll
  for (int i = 0; i < kPartialSums; ++i) sum += __shfl_sync(kAllLanes, partial, first + i);
  return sum;
}

// Calls add(token, logit) for the tokens of the partial sum that begins with this one, after all are loaded.
// kWhole: there are no fewer than in any block.
template <bool kWhole, typename Logit, typename Add>
__device__ void add_loaded(const LogitRow<Logit>& row, std::int32_t begin, const Add& add) {
  constexpr int kTokens = kSummedTokens / kPartialSums;
  float logits[kTokens];
#pragma unroll
  for (int i = 0; i < kTokens; ++i) {
    const std::int32_t token = begin + i * kPartialSums;
    logits[i] = kWhole || token < row.vocab ? row[token] : 0.0F;
  }
#pragma unroll
  for (int i = 0; i < kTokens; ++i) {
    const std::int32_t token = begin + i * kPartialSums;
    if (kWhole || token < row.vocab) add(token, logits[i]);
  }
}

// Calls add(token, logit) for the tokens of partial sum i of a block in lane i of half a warp, in the order
// of the CPU, then finish(block) in all lanes of the warp; blocks behind the last have no tokens.
template <typename Logit, typename Add, typename Finish>
__device__ void for_each_block(const LogitRow<Logit>& row, const Add& add, const Finish& finish) {
  static_assert(2 * kPartialSums == kWarp);
  const auto warp = static_cast<std::int32_t>(threadIdx.x) / kWarp,
             lane = static_cast<std::int32_t>(threadIdx.x) % kWarp;
  for (std::int32_t pair = warp; 2 * pair < row.blocks(); pair += kRowWarps) {
    const std::int32_t block = 2 * pair + lane / kPartialSums;
    const std::int32_t begin = block * kSummedTokens + lane % kPartialSums;
    if (2 * (pair + 1) * kSummedTokens <= row.vocab) {
      add_loaded<true>(row, begin, add);
    } else {
      add_loaded<false>(row, begin, add);
    }
    finish(block);
  }
}

// Replaces numbers by the sums up to and with them, added up in order. By one whole warp.
__device__ inline void add_up(double* numbers, std::int32_t count) {
  const auto lane = static_cast<std::int32_t>(threadIdx.x) % kWarp;
  double sum = 0;
  for (std::int32_t first = 0; first < count; first += kWarp) {
    const double number = first + lane < count ? numbers[first + lane] : 0.0;
    double mine = 0;
#pragma unroll
    for (std::int32_t i = 0; i < kWarp; ++i) {
      sum += __shfl_sync(kAllLanes, number, i);
      if (i == lane) mine = sum;
    }
    if (first + lane < count) numbers[first + lane] = mine;
  }
}

}  // namespace tempo::kernels::TEMPO_BACKEND
