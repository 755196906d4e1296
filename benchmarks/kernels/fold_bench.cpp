// The fold of the advantages onto the nodes of a planned forest.
#include <cmath>
#include <cstdint>
#include <vector>

#include "backends.h"
#include "forest_sample.h"
#include "tempo/kernels/fold.h"
#include "timing.h"

namespace {

using namespace tempo::bench;

template <typename Backend>
struct Columns {
  explicit Columns(std::int64_t nodes)
      : positive(at(nodes)),
        negative(at(nodes)),
        weight(at(nodes)),
        positive_count(at(nodes)),
        negative_count(at(nodes)) {}

  tempo::kernels::FoldColumns pointers() {
    return {.positive = positive.data(),
            .negative = negative.data(),
            .weight = weight.data(),
            .positive_count = positive_count.data(),
            .negative_count = negative_count.data()};
  }
  typename Backend::template Buffer<float> positive, negative, weight;
  typename Backend::template Buffer<std::int32_t> positive_count, negative_count;
};

// Half of the responses through a shared node are positive, half negative; the last node is the last
// response's own where they are not equal. A token is in one node, so the weights add up to the tokens.
template <typename Backend>
bool is_fold(const ForestSample& sample, const Columns<Backend>& columns) {
  double weight = 0;
  const auto& weights = columns.weight.values();
  for (const float number : weights) weight += static_cast<double>(number);
  const bool own = sample.shared < sample.length;
  const double half = own ? 1 : sample.size / 2;
  const double positive = static_cast<double>(columns.positive.values().back());
  const double negative = static_cast<double>(columns.negative.values().back());
  const double expected_positive = half * (own ? sample.advantage(sample.length - 1) : sample.outcome());
  const double expected_negative = own ? 0 : half * sample.outcome();
  return weight == static_cast<double>(sample.tokens.size()) &&
         std::abs(positive - expected_positive) < 1e-5 * half &&
         std::abs(negative - expected_negative) < 1e-5 * half &&
         columns.positive_count.values().back() == half &&
         columns.negative_count.values().back() == (own ? 0 : half);
}

// Writes five columns.
template <typename Backend>
void BM_fold(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  forest.make_plan();
  forest.assign_credit();
  typename Backend::template Buffer<double> token_weight(std::vector<double>(sample.rewards.size(), 1.0));
  typename Backend::template Buffer<tempo::kernels::SegmentFold> folds(forest.most_segments());
  Columns<Backend> columns(sample.nodes());
  time_kernel<Backend>(
      state, {sample.nodes(), 20 * sample.nodes(), "expected the sums over the responses"},
      [&] {
        Backend::fold_credit(forest.groups, forest.plan, forest.credit, token_weight.data(),
                             columns.pointers(), folds.data());
      },
      [&] { return is_fold(sample, columns); });
}

const bool added = on_backends(
    []<typename Backend>(Backend) { add("fold", Backend::kName, BM_fold<Backend>)->Apply(forest_shapes); });

}  // namespace
