#include "device/device.h"
#include "device/reduce.h"
#include "src/clipped_loss_node.h"
#include "tempo/kernels/clipped_loss.h"

namespace tempo::kernels {
namespace TEMPO_BACKEND {
namespace {

constexpr int kThreads = kLossThreads;

// Writes the sum over the block's threads.
__device__ void store_block_sums(const ClippedLossSums& mine, ClippedLossSums* to) {
  __shared__ double partial[8][kThreads / kWarp];
  ClippedLossSums sums;
  sums.loss = block_sum<kThreads>(mine.loss, partial[0]);
  sums.tokens = block_sum<kThreads>(mine.tokens, partial[1]);
  sums.clipped_low = block_sum<kThreads>(mine.clipped_low, partial[2]);
  sums.clipped_high = block_sum<kThreads>(mine.clipped_high, partial[3]);
  sums.clipped_dual = block_sum<kThreads>(mine.clipped_dual, partial[4]);
  sums.kl = block_sum<kThreads>(mine.kl, partial[5]);
  sums.entropy = block_sum<kThreads>(mine.entropy, partial[6]);
  sums.logp_difference_max = block_max<kThreads>(mine.logp_difference_max, partial[7]);
  if (threadIdx.x == 0) *to = sums;
}

__global__ void __launch_bounds__(kThreads) node_losses(ClippedLossArgs a) {
  ClippedLossSums sums;
  const std::int64_t stride = std::int64_t{gridDim.x} * kThreads;
  for (std::int64_t n = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; n < a.nodes; n += stride) {
    const NodeLoss gradient = add_node(a, n, sums);
    a.d_logp[n] = gradient.d_logp;
    if (a.d_entropy) a.d_entropy[n] = gradient.d_entropy;
  }
  store_block_sums(sums, a.partials + blockIdx.x);
}

__global__ void __launch_bounds__(kThreads)
    add_partials(const ClippedLossSums* partials, int count, ClippedLossSums* to) {
  ClippedLossSums sums;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) add(sums, partials[i]);
  store_block_sums(sums, to);
}

}  // namespace

void clipped_loss(const ClippedLossArgs& args, Stream stream) {
  const auto blocks = static_cast<unsigned>(clipped_loss_partials(args.nodes));
  launch("clipped_loss", stream, {.grid = blocks, .block = kThreads}, node_losses, args);
  launch("clipped_loss", stream, {.grid = 1, .block = kThreads}, add_partials, args.partials,
         static_cast<int>(blocks), args.sums);
}

}  // namespace TEMPO_BACKEND
}  // namespace tempo::kernels
