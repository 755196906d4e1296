// Credit on the forest: the advantages of tokens, from tokens or from a plan, and what nodes get.
#include <cmath>
#include <cstdint>
#include <vector>

#include "backends.h"
#include "forest_sample.h"
#include "timing.h"

namespace {

using namespace tempo::bench;

template <typename Backend>
bool is_advantage(const ForestSample& sample, const typename Backend::template Buffer<float>& buffer) {
  const auto& advantages = buffer.values();
  for (std::int32_t t = 0; t < sample.length; ++t) {
    const double got = static_cast<double>(advantages[advantages.size() - at(sample.length - t)]);
    if (!(std::abs(got - sample.advantage(t)) < 1e-5)) return false;
  }
  return true;
}

constexpr const char* kExpected = "expected the advantages of the definition";

// From tokens and rewards to advantages: a token is 4 bytes read and 4 written.
template <typename Backend>
void BM_token_advantages(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  const std::int64_t tokens = std::ssize(sample.tokens);
  typename Backend::template Buffer<float> advantages(at(tokens));
  time_kernel<Backend>(
      state, {tokens, 8 * tokens, kExpected},
      [&] {
        forest.make_plan();
        forest.assign_credit();
        Backend::write_token_advantages(forest.groups, forest.plan, forest.credit, advantages.data());
      },
      [&] { return is_advantage<Backend>(sample, advantages); });
}

// From a plan and rewards to advantages: a token is 4 bytes written.
template <typename Backend>
void BM_planned_advantages(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  forest.make_plan();
  const std::int64_t tokens = std::ssize(sample.tokens);
  typename Backend::template Buffer<float> advantages(at(tokens));
  time_kernel<Backend>(
      state, {tokens, 4 * tokens, kExpected},
      [&] {
        forest.assign_credit();
        Backend::write_token_advantages(forest.groups, forest.plan, forest.credit, advantages.data());
      },
      [&] { return is_advantage<Backend>(sample, advantages); });
}

// Of the last response's own nodes, whose reward is 1, and of the others, half of whose rewards are.
template <typename Backend>
void BM_node_values(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  forest.make_plan();
  forest.assign_credit();
  typename Backend::template Buffer<double> values(at(sample.nodes()));
  time_kernel<Backend>(
      state, {sample.nodes(), 8 * sample.nodes(), "expected mean rewards"},
      [&] { Backend::write_node_values(forest.groups, forest.plan, forest.credit, values.data()); },
      [&] {
        const auto& got = values.values();
        double sum = 0;
        for (const double value : got) sum += value;
        return sum == 0.5 * static_cast<double>(got.size()) &&
               got.back() == (sample.shared < sample.length ? 1 : 0.5);
      });
}

// What the first nodes of segments add to advantages, 0 for all others.
template <typename Backend>
void BM_node_credit(benchmark::State& state) {
  const ForestSample sample(state);
  PlannedForest<Backend> forest(sample);
  forest.make_plan();
  forest.assign_credit();
  typename Backend::template Buffer<float> credit(at(sample.nodes()));
  time_kernel<Backend>(
      state, {sample.nodes(), 4 * sample.nodes(), "expected credit where the tree branches"},
      [&] { Backend::write_node_credit(forest.groups, forest.plan, forest.credit, credit.data()); },
      [&] {
        double sum = 0;
        const auto& got = credit.values();
        for (const float number : got) sum += std::abs(static_cast<double>(number));
        const double branches = sample.shared < sample.length ? sample.groups * sample.size : 0;
        return std::abs(sum - branches * sample.outcome()) <= 1e-5 * branches;
      });
}

const bool added = on_backends([]<typename Backend>(Backend) {
  add("token_advantages", Backend::kName, BM_token_advantages<Backend>)->Apply(forest_shapes);
  add("planned_advantages", Backend::kName, BM_planned_advantages<Backend>)->Apply(forest_shapes);
  add("node_values", Backend::kName, BM_node_values<Backend>)->Apply(forest_shapes);
  add("node_credit", Backend::kName, BM_node_credit<Backend>)->Apply(forest_shapes);
});

}  // namespace
