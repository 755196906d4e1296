#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/objective/loss.h"

namespace tempo::objective {
namespace {

// Returns column[node] on the device as the dtype that the loss or the model reads.
template <typename T>
at::Tensor gather(const std::vector<T>& column, const std::vector<std::int64_t>& node, at::ScalarType dtype,
                  at::Device device) {
  std::vector<T> values;
  values.reserve(node.size());
  for (const std::int64_t n : node) values.push_back(column[static_cast<std::size_t>(n)]);
  return at::tensor(values).to(device, dtype);
}

}  // namespace

NodeBatch node_batch(const tree::Forest& forest, const credit::FoldedCredit& folded, at::Device device) {
  const auto nodes = static_cast<std::size_t>(forest.nodes());
  TEMPO_CHECK(folded.positive.size() == nodes, "node_batch: expected the folded credit of ", nodes,
              " nodes, got ", folded.positive.size());
  const auto parent = [&](std::int64_t n) { return forest.parent[static_cast<std::size_t>(n)]; };
  std::vector<std::int64_t> node;
  for (std::int64_t n = 0; n < forest.nodes(); ++n) {
    if (!forest.trainable[static_cast<std::size_t>(n)]) continue;
    TEMPO_CHECK(parent(n) >= 0, "node_batch: expected a prompt before each response, got none before node ",
                n);
    node.push_back(n);
  }
  std::ranges::stable_sort(node, {}, parent);
  return {.node = at::tensor(node, at::kLong).to(device),
          .row = gather(forest.parent, node, at::kLong, device),
          .target = gather(forest.token, node, at::kLong, device),
          .old_logp = gather(forest.old_logp, node, at::kFloat, device),
          .positive = gather(folded.positive, node, at::kFloat, device),
          .negative = gather(folded.negative, node, at::kFloat, device),
          .weight = gather(folded.weight, node, at::kFloat, device),
          .count = gather(forest.weight, node, at::kInt, device),
          .positive_count = gather(folded.positive_count, node, at::kInt, device),
          .negative_count = gather(folded.negative_count, node, at::kInt, device)};
}

}  // namespace tempo::objective
