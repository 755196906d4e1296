// Finds the token at which a run by rank ends, where tokens rank by logit and then by lower id: by a
// histogram of how far they lie below the largest, then by histograms of what the found bin holds. Counts and
// masses are integers, so the order of threads does not matter.
#pragma once

#include <limits>

#include "cuda/logit_row.h"

namespace tempo::kernels::TEMPO_BACKEND {

using Count = unsigned long long;

// Some tokens, and their mass.
struct TokenMass {
  Count count, mass;
};

template <int kBins>
struct RankHistogram {
  unsigned count[kBins];
  Count mass[kBins];

  __device__ void clear() {
    for (unsigned bin = threadIdx.x; bin < kBins; bin += kRowThreads) count[bin] = 0, mass[bin] = 0;
  }
  __device__ void add(std::uint32_t bin, float weight) {
    atomicAdd(&count[bin], 1U);
    const auto added = static_cast<Count>(mass_of(weight));
    if (added > 0) atomicAdd(&mass[bin], added);
  }
};

// The tokens among which the last one of a run is: of keys [low, high].
struct RankRange {
  bool found;  // false: the run takes in all tokens
  std::uint32_t low, high;
  TokenMass before, inside;  // of lower keys, of these keys
};

// The last token that is kept: its logit and id.
struct RankEdge {
  float logit;
  std::int32_t token;

  __device__ bool keeps(std::int32_t other, float other_logit) const {
    return other_logit > logit || (other_logit == logit && other <= token);
  }
};

constexpr RankEdge kNoEdge{-std::numeric_limits<float>::infinity(), std::numeric_limits<std::int32_t>::max()};

// Where a token ranks in its row.
struct RowScale {
  float max, inverse_temperature;

  // Numbers in the order of the floats; those of the two zeros are the same.
  static __device__ std::uint32_t ordered(float logit) {
    const std::uint32_t bits = __float_as_uint(logit + 0.0F);
    return (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
  }
  static __device__ float from_ordered(std::uint32_t number) {
    return __uint_as_float((number >> 31) != 0 ? number & 0x7fffffffU : ~number);
  }
  // Counts the floats between the largest logit and this one.
  __device__ std::uint32_t below(float logit) const { return ordered(max) - ordered(logit); }
  __device__ float logit_at(std::uint32_t below) const { return from_ordered(ordered(max) - below); }
  __device__ float weight(float logit) const { return weigh_token(logit, max, inverse_temperature).weight; }
  __device__ std::int32_t bucket(float logit) const {
    return weight(logit) > 0 ? bucket_of(logit, max, inverse_temperature) : kBuckets;
  }
  // Returns the least `below` of a logit in this bucket or a later one.
  __device__ std::uint32_t first_below(std::int32_t at_least) const {
    std::uint32_t low = 0, high = below(-std::numeric_limits<float>::infinity());
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (bucket(logit_at(middle)) >= at_least) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
};

// Finds the first bin at which the run reaches the target's count or mass: its number, -1 if there is none.
// Adds the tokens of earlier bins to range.before, and sets range.inside. By one whole warp; all lanes get
// the same.
template <int kBins>
__device__ int find_bin(const RankHistogram<kBins>& histogram, const TokenMass& target, RankRange& range) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  for (int first = 0; first < kBins; first += kWarp) {
    const bool inside = first + lane < kBins;
    const TokenMass own{inside ? histogram.count[first + lane] : 0,
                        inside ? histogram.mass[first + lane] : 0};
    TokenMass sum = own;
    for (unsigned step = 1; step < kWarp; step *= 2) {
      const Count count = __shfl_up_sync(kAllLanes, sum.count, step),
                  mass = __shfl_up_sync(kAllLanes, sum.mass, step);
      if (lane >= static_cast<int>(step)) sum.count += count, sum.mass += mass;
    }
    const unsigned reached = __ballot_sync(kAllLanes, range.before.count + sum.count >= target.count ||
                                                          range.before.mass + sum.mass >= target.mass);
    const int bin = reached != 0 ? __ffs(static_cast<int>(reached)) - 1 : kWarp - 1;
    range.inside = {__shfl_sync(kAllLanes, own.count, bin), __shfl_sync(kAllLanes, own.mass, bin)};
    range.before.count += __shfl_sync(kAllLanes, sum.count, bin);
    range.before.mass += __shfl_sync(kAllLanes, sum.mass, bin);
    if (reached == 0) continue;
    range.before.count -= range.inside.count, range.before.mass -= range.inside.mass;
    return first + bin;
  }
  range.inside = {};
  return -1;
}

class RankSearch {
 public:
  // Takes a row. By all threads of the block, as find.
  template <typename Logit>
  __device__ void prepare(const LogitRow<Logit>& row, const RowScale& scale) {
    buckets_.clear();
    __syncthreads();
    for_each_logit(row, [&](std::int32_t, float logit) {
      const float weight = scale.weight(logit);
      if (weight > 0) buckets_.add(static_cast<std::uint32_t>(scale.bucket(logit)), weight);
    });
  }

  // Returns, in every thread, the last token of the shortest run by rank that reaches the target's count or
  // mass; kNoEdge if none does. `kept`: the tokens of that run, or all.
  template <typename Logit>
  __device__ RankEdge find(const LogitRow<Logit>& row, const RowScale& scale, const TokenMass& target,
                           TokenMass& kept) {
    find_bucket(scale, target);
    narrow(row, scale, target, [&](std::int32_t, float logit) { return scale.below(logit); });
    const RankRange logits = range_;
    kept = {logits.before.count + logits.inside.count, logits.before.mass + logits.inside.mass};
    if (!logits.found) return kNoEdge;
    if (kept.count == target.count || logits.inside.count == 1)
      return {scale.logit_at(logits.high), kNoEdge.token};

    // Tokens of one logit: by their ids.
    __syncthreads();
    if (threadIdx.x == 0) range_.low = 0, range_.high = static_cast<std::uint32_t>(row.vocab) - 1;
    __syncthreads();
    narrow(row, scale, target, [&](std::int32_t token, float logit) {
      return scale.below(logit) == logits.low ? static_cast<std::uint32_t>(token) : 0xffffffffU;
    });
    const RankRange ids = range_;
    kept = {ids.before.count + ids.inside.count, ids.before.mass + ids.inside.mass};
    return {scale.logit_at(logits.low), static_cast<std::int32_t>(ids.high)};
  }

 private:
  static constexpr int kBins = 1024;

  // Sets the range to the bucket where the run ends. By all threads.
  __device__ void find_bucket(const RowScale& scale, const TokenMass& target) {
    __syncthreads();
    if (threadIdx.x < kWarp) {
      RankRange range{};
      const int bucket = find_bin(buckets_, target, range);
      range.found = bucket >= 0;
      const std::uint32_t first = scale.first_below(bucket + (threadIdx.x == 0 ? 0 : 1));
      range.low = __shfl_sync(kAllLanes, first, 0);
      range.high = __shfl_sync(kAllLanes, first, 1) - 1;
      if (threadIdx.x == 0) range_ = range;
    }
    __syncthreads();
  }

  // Narrows the range until it holds one token or one key. key(token, logit): 0xffffffff for those of no
  // interest.
  template <typename Logit, typename Key>
  __device__ void narrow(const LogitRow<Logit>& row, const RowScale& scale, const TokenMass& target,
                         const Key& key) {
    while (range_.found && range_.inside.count > 1 && range_.low < range_.high) {
      const std::uint32_t low = range_.low, high = range_.high, width = (high - low) / kBins + 1;
      bins_.clear();
      __syncthreads();
      for_each_logit(row, [&](std::int32_t token, float logit) {
        const std::uint32_t k = key(token, logit);
        if (k >= low && k <= high) bins_.add((k - low) / width, scale.weight(logit));
      });
      __syncthreads();
      if (threadIdx.x < kWarp) {
        RankRange range = range_;
        range.low += static_cast<std::uint32_t>(find_bin(bins_, target, range)) * width;
        range.high = min(high, range.low + width - 1);
        __syncwarp();
        if (threadIdx.x == 0) range_ = range;
      }
      __syncthreads();
    }
  }

  RankHistogram<kBuckets> buckets_;
  RankHistogram<kBins> bins_;
  RankRange range_;
};

}  // namespace tempo::kernels::TEMPO_BACKEND
