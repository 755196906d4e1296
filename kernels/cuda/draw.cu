#include "cuda/logit_row.h"
#include "cuda/rank_search.h"
#include "tempo/core/random.h"
#include "tempo/kernels/draw.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

constexpr std::int32_t kMostTokens = 2 << 20;  // the sums of their blocks are in shared memory

// What a block of threads shares; the sums of its row's blocks of tokens follow.
struct SharedRow {
  std::int32_t greedy_token;
  RankSearch search;
};

// The distribution that is left after truncation.
struct KeptTokens {
  RowScale scale;
  RankEdge edge;
  float lowest;  // weight

  __device__ float weight(std::int32_t token, float logit) const {
    const float weight = scale.weight(logit);
    return edge.keeps(token, logit) && weight >= lowest ? weight : 0.0F;
  }
};

__device__ bool ranks(const SamplingParams& params, std::int32_t vocab) {
  return (params.top_k > 0 && params.top_k < vocab) || params.top_p < 1;
}

// Writes the sums of the kept weights up to and with each block of tokens.
template <typename Logit>
__device__ void weigh(const LogitRow<Logit>& row, const KeptTokens& kept, double* prefix) {
  double sum = 0;
  for_each_block(
      row, [&](std::int32_t token, float logit) { sum += static_cast<double>(kept.weight(token, logit)); },
      [&](std::int32_t block) {
        const double total = sum_in_order(sum);
        if (block < row.blocks() && threadIdx.x % kPartialSums == 0) prefix[block] = total;
        sum = 0;
      });
  __syncthreads();
  if (threadIdx.x < kWarp) add_up(prefix, row.blocks());
  __syncthreads();
}

// Returns the last token that top-k and top-p keep.
template <typename Logit>
__device__ RankEdge find_edge(const LogitRow<Logit>& row, const RowScale& scale, const SamplingParams& params,
                              RankSearch& search) {
  constexpr Count kNever = ~Count{0};
  search.prepare(row, scale);
  TokenMass kept{};
  const bool by_count = params.top_k > 0 && params.top_k < row.vocab;
  RankEdge edge =
      search.find(row, scale, {by_count ? static_cast<Count>(params.top_k) : kNever, kNever}, kept);
  if (params.top_p < 1) {
    const std::int64_t mass = mass_of_share(params.top_p, static_cast<std::int64_t>(kept.mass));
    edge = search.find(row, scale, {kNever, static_cast<Count>(mass)}, kept);
  }
  return edge;
}

// Sets `shared` to the lowest id of the largest logit.
template <typename Logit>
__device__ void find_greedy(const LogitRow<Logit>& row, float max, std::int32_t& shared) {
  if (threadIdx.x == 0) shared = row.vocab;
  __syncthreads();
  std::int32_t lowest = row.vocab;
  for_each_logit(row, [&](std::int32_t token, float logit) {
    if (logit == max) lowest = min(lowest, token);
  });
  if (lowest < row.vocab) atomicMin(&shared, lowest);
  __syncthreads();
}

// Returns the first of `count` rising sums that is above the limit, or not below it; count if there is none.
__device__ std::int32_t first_sum(const double* sums, std::int32_t count, double limit, bool or_equal) {
  std::int32_t low = 0, high = count;
  while (low < high) {
    const std::int32_t middle = (low + high) / 2;
    if (sums[middle] > limit || (or_equal && sums[middle] == limit)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Returns the token whose part of [0, 1) u lies in. By one whole warp.
template <typename Logit>
__device__ std::int32_t draw_token(const LogitRow<Logit>& row, const KeptTokens& kept, const double* prefix,
                                   double u) {
  const std::int32_t blocks = row.blocks();
  const double target = u * prefix[blocks - 1];
  // Rounding may lift the target to the sum itself: then the last block that adds anything is meant.
  std::int32_t block = first_sum(prefix, blocks, target, false);
  if (block == blocks) block = first_sum(prefix, blocks, prefix[blocks - 1], true);
  double sum = block == 0 ? 0.0 : prefix[block - 1];
  std::int32_t token = -1;
  const auto lane = static_cast<std::int32_t>(threadIdx.x) % kWarp;
  const std::int32_t begin = block * kSummedTokens;
  for (std::int32_t first = begin; first < begin + kSummedTokens && sum <= target; first += kWarp) {
    const std::int32_t own = first + lane;
    const float own_weight = own < row.vocab ? kept.weight(own, row[own]) : 0.0F;
#pragma unroll
    for (std::int32_t i = 0; i < kWarp; ++i) {
      const float weight = __shfl_sync(kAllLanes, own_weight, i);
      if (sum <= target && weight > 0) token = first + i;
      sum += static_cast<double>(weight);
    }
  }
  return token;
}

// Draws for the row, a draw a warp. greedy_token: what all draw, -1: by their keys.
template <typename Logit>
__device__ void draw_all(const DrawArgs<Logit>& a, const LogitRow<Logit>& row, const RowSoftmax& softmax,
                         const KeptTokens& kept, const double* prefix, std::int32_t greedy_token) {
  const auto warp = static_cast<std::int32_t>(threadIdx.x) / kWarp;
  const std::int32_t end = a.draw_offsets[blockIdx.x + 1];
  for (std::int32_t i = a.draw_offsets[blockIdx.x] + warp; i < end; i += kRowWarps) {
    std::int32_t token = greedy_token;
    if (token < 0) {
      const DrawPlace place = a.places[i];
      token = draw_token(row, kept, prefix,
                         core::uniform_draw({.seed = a.seed,
                                             .step = a.step,
                                             .prompt = place.prompt,
                                             .response = place.response,
                                             .position = place.position}));
    }
    if (threadIdx.x % kWarp != 0) continue;
    a.token[i] = token;
    a.logp[i] = logp_of(row[token], softmax, kept.scale.inverse_temperature);
  }
}

template <typename Logit>
__global__ void __launch_bounds__(kRowThreads)
    draw_rows(DrawArgs<Logit> a, float inverse_temperature, float lowest_weight) {
  SharedRow& shared = *dynamic_shared<SharedRow>();
  auto* const prefix = reinterpret_cast<double*>(&shared + 1);
  const LogitRow<Logit> row{a.logits + blockIdx.x * a.row_stride, a.vocab};
  const RowSoftmax softmax = block_softmax(row.logits, a.vocab, inverse_temperature);
  const bool finite = std::fabs(softmax.max) <= std::numeric_limits<float>::max();
  if (threadIdx.x == 0) a.status[blockIdx.x] = finite ? RowStatus::kOk : RowStatus::kNotFinite;
  if (!finite) return;
  if (threadIdx.x == 0) a.entropy[blockIdx.x] = static_cast<float>(softmax.entropy);

  KeptTokens kept{{softmax.max, inverse_temperature}, kNoEdge, lowest_weight};
  if (a.params.temperature == 0) {
    find_greedy(row, softmax.max, shared.greedy_token);
    return draw_all(a, row, softmax, kept, prefix, shared.greedy_token);
  }
  if (ranks(a.params, a.vocab)) kept.edge = find_edge(row, kept.scale, a.params, shared.search);
  weigh(row, kept, prefix);
  draw_all(a, row, softmax, kept, prefix, -1);
}

// Returns the least float32 that is not below a number of [0, 1].
float float_from(double number) {
  const auto nearest = static_cast<float>(number);
  return static_cast<double>(nearest) < number ? std::nextafter(nearest, 2.0F) : nearest;
}

template <typename Logit>
void draw(const DrawArgs<Logit>& args, Stream stream) {
  TEMPO_CHECK(args.vocab > 0 && args.vocab <= kMostTokens, "draw_tokens: expected 1 to ", kMostTokens,
              " tokens, got ", args.vocab);
  const double temperature = args.params.temperature;
  const auto inverse_temperature = temperature == 0 ? 1.0F : static_cast<float>(1 / temperature);
  const std::size_t blocks = blocks_of(args.vocab, kSummedTokens);
  launch("draw_tokens", stream,
         {.grid = static_cast<unsigned>(args.rows),
          .block = kRowThreads,
          .shared_bytes = sizeof(SharedRow) + blocks * sizeof(double)},
         draw_rows<Logit>, args, inverse_temperature, float_from(args.params.min_p));
}

}  // namespace

void draw_tokens(const DrawArgs<float>& args, Stream stream) { draw(args, stream); }
void draw_tokens(const DrawArgs<BFloat16>& args, Stream stream) { draw(args, stream); }

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
