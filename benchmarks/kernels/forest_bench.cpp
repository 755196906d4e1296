// From flat tokens to the node arrays of a forest, into arrays that are there.
#include <cstdint>

#include "backends.h"
#include "forest_sample.h"
#include "timing.h"

namespace {

using namespace tempo::bench;
using tempo::kernels::ForestNodes;
using tempo::kernels::GroupsError;

template <typename Backend>
struct Columns {
  explicit Columns(std::int64_t tokens) : columns(at(6 * tokens)), trainable(at(tokens)) {
    std::int32_t* const first = columns.data();
    nodes = {.token = first,
             .parent = first + tokens,
             .depth = first + 2 * tokens,
             .weight = first + 3 * tokens,
             .first_leaf = first + 4 * tokens,
             .segment = first + 5 * tokens,
             .trainable = trainable.data()};
  }

  typename Backend::template Buffer<std::int32_t> columns;
  typename Backend::template Buffer<std::uint8_t> trainable;
  ForestNodes nodes;
};

// Looks at the path of the last response: the first nodes of its group, which all share, then the last of
// all.
template <typename Backend>
bool is_forest(const ForestSample& sample, const PlannedForest<Backend>& forest,
               const Columns<Backend>& columns) {
  if (forest.error() != GroupsError::kNone || forest.planned_nodes() != sample.nodes()) return false;
  const auto& numbers = columns.columns.values();
  const std::int64_t n = sample.nodes(), all = std::ssize(sample.tokens);
  std::int64_t above = -1;
  for (std::int32_t t = 0; t < sample.length; ++t) {
    const bool is_shared = t < sample.shared;
    const std::int64_t node = is_shared ? n - n / sample.groups + t : n - sample.length + t;
    const std::int32_t weight = is_shared ? sample.size : 1;
    const auto column = [&](int index) { return numbers[at(index * all + node)]; };
    if (column(0) != sample.token(sample.size - 1, t) || column(1) != above || column(2) != t ||
        column(3) != weight || column(4) != sample.groups * sample.size - weight)
      return false;
    above = node;
  }
  return true;
}

// Reads the tokens, writes six int32 columns and one of bytes.
template <typename Backend>
void BM_forest(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  Columns<Backend> columns(std::ssize(sample.tokens));
  const std::int64_t tokens = std::ssize(sample.tokens);
  time_kernel<Backend>(
      state, {tokens, 4 * tokens + 25 * sample.nodes(), "expected one node a distinct token"},
      [&] {
        forest.make_plan();
        Backend::write_nodes(forest.groups, forest.plan, columns.nodes);
      },
      [&] { return is_forest(sample, forest, columns); });
}

const bool added = on_backends([]<typename Backend>(Backend) {
  add("forest", Backend::kName, BM_forest<Backend>)->Apply(forest_shapes);
});

}  // namespace
