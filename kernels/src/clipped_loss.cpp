#include "tempo/kernels/clipped_loss.h"

#include <algorithm>

#include "clipped_loss_node.h"

namespace tempo::kernels {

std::int64_t clipped_loss_partials(std::int64_t nodes) {
  return std::clamp<std::int64_t>((nodes + kLossThreads - 1) / kLossThreads, 1, kMostLossBlocks);
}

namespace cpu {

void clipped_loss(const ClippedLossArgs& args) {
  ClippedLossSums sums;
  for (std::int64_t n = 0; n < args.nodes; ++n) {
    const NodeLoss gradient = add_node(args, n, sums);
    args.d_logp[n] = gradient.d_logp;
    if (args.d_entropy) args.d_entropy[n] = gradient.d_entropy;
  }
  *args.sums = sums;
}

}  // namespace cpu
}  // namespace tempo::kernels
