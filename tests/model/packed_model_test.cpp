// What the model promises about bits: those of a row depend on its own path alone.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "model/model_fixtures.h"
#include "tempo/model/model.h"
#include "tree/random_groups.h"

using namespace tempo::model;
using namespace tempo::testing;
using tempo::tree::Forest;

namespace {

// Groups of several prompts, some of them longer than a block of any product or of attention.
Forest branched_forest(std::uint64_t seed) {
  return tempo::tree::build_forest(random_groups({.groups = 3,
                                                  .min_responses = 3,
                                                  .vocab = 40,
                                                  .min_length = 1,
                                                  .max_length = 60,
                                                  .sharing = 0.8,
                                                  .min_prompt = 2,
                                                  .max_prompt = 90,
                                                  .seed = seed})
                                       .flat());
}

// Appends the step that computes a node: one query, which sees the slots of its path, `slot_of` each node's.
void append_step(const Forest& forest, std::int32_t node, const std::vector<std::int32_t>& slot_of,
                 SegmentPlan& plan) {
  std::vector<std::int32_t> path;
  for (std::int32_t n = node; n >= 0; n = forest.parent[static_cast<std::size_t>(n)]) path.push_back(n);
  const auto at = [](std::int32_t i) { return static_cast<std::size_t>(i); };
  const std::int32_t query = plan.tokens(), first = static_cast<std::int32_t>(plan.key_ranges.size());
  for (auto n = path.rbegin(); n != path.rend(); ++n) {
    const std::int32_t slot = slot_of[at(*n)];
    if (std::ssize(plan.key_ranges) > first && plan.key_ranges.back().end == slot) {
      ++plan.key_ranges.back().end;
    } else {
      plan.key_ranges.push_back({slot, slot + 1});
    }
  }
  plan.token.push_back(forest.token[at(node)]);
  plan.position.push_back(forest.depth[at(node)]);
  plan.slot.push_back(slot_of[at(node)]);
  plan.segments.push_back({query, query + 1, first, static_cast<std::int32_t>(plan.key_ranges.size()),
                           static_cast<std::int32_t>(path.size())});
}

std::vector<std::int32_t> nodes_at(const Forest& forest, std::int32_t depth) {
  std::vector<std::int32_t> nodes;
  for (std::int32_t n = 0; n < forest.nodes(); ++n)
    if (forest.depth[static_cast<std::size_t>(n)] == depth) nodes.push_back(n);
  return nodes;
}

// Computes the forest as a sampler does: a step a depth, at most `most` nodes at a time. Slots stand in the
// order in which nodes are computed where `in_order`, else in that of the forest.
at::Tensor by_steps(const Model& model, const Forest& forest, std::size_t most, bool in_order) {
  const at::NoGradGuard no_grad;
  KvCache cache(model.config(), forest.nodes(), model.dtype(), at::kCPU);
  const PackedWeights packed = model.pack();
  const at::Tensor hidden_ND = at::empty({forest.nodes(), model.config().hidden_size}, model.dtype());
  std::vector<std::int32_t> slot_of(forest.token.size());
  std::int32_t next_slot = 0;
  const std::int32_t depths = 1 + *std::max_element(forest.depth.begin(), forest.depth.end());
  for (std::int32_t depth = 0; depth < depths; ++depth) {
    const std::vector<std::int32_t> nodes = nodes_at(forest, depth);
    for (std::size_t begin = 0; begin < nodes.size(); begin += most) {
      SegmentPlan plan;
      std::vector<std::int64_t> rows;
      for (std::size_t i = begin; i < std::min(nodes.size(), begin + most); ++i) {
        slot_of[static_cast<std::size_t>(nodes[i])] = in_order ? next_slot++ : nodes[i];
        append_step(forest, nodes[i], slot_of, plan);
        rows.push_back(nodes[i]);
      }
      hidden_ND.index_copy_(0, at::tensor(rows, at::kLong), model.hidden(plan, &cache, &packed));
    }
  }
  return hidden_ND;
}

// Threads of this scope.
struct Threads {
  explicit Threads(int count) { at::set_num_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { at::set_num_threads(before); }

  int before = at::get_num_threads();
};

// Bits are promised where the products are the library's own.
bool has_own_products(const Model& model) { return model.pack().output.panel_width() > 0; }

// A bfloat16 result is rounded some twenty times between a token and its hidden state, 2^-8 each, of random
// sign: sqrt(20) 2^-8 = 0.017 of the largest value, and three times that in the worst of some thousand.
double tolerance(at::ScalarType dtype) { return dtype == at::kFloat ? kFloatTolerance : 0.05; }

void check_same(const Model& model, const at::Tensor& got, const at::Tensor& expected) {
  if (has_own_products(model)) CHECK(at::equal(got, expected));
  CHECK(relative_error(got, expected) < tolerance(model.dtype()));
}

}  // namespace

TEST_CASE("Model: packed weights change no bit", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Model model = random_model(small_config(), 1, dtype);
  const Forest forest = branched_forest(2);
  const SegmentPlan plan = plan_forest(forest);
  const PackedWeights packed = model.pack();
  CHECK(at::equal(model.hidden(plan, nullptr, &packed), model.hidden(plan)));
  const at::NoGradGuard no_grad;
  CHECK(at::equal(model.hidden(plan, nullptr, &packed), model.hidden(plan)));
  KvCache with(model.config(), plan.tokens(), dtype, at::kCPU);
  KvCache without(model.config(), plan.tokens(), dtype, at::kCPU);
  CHECK(at::equal(model.hidden(plan, &with, &packed), model.hidden(plan, &without)));
  for (std::size_t layer = 0; layer < with.key_SKE.size(); ++layer) {
    CHECK(at::equal(with.key_SKE[layer], without.key_SKE[layer]));
    CHECK(at::equal(with.value_SKE[layer], without.value_SKE[layer]));
  }
}

TEST_CASE("Model: packed weights change no bit of a gradient", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Model model = random_model(small_config(), 1, dtype);
  const SegmentPlan plan = plan_forest(branched_forest(3));
  const PackedWeights packed = model.pack();
  const at::Tensor weight_TD = random_tensor({plan.tokens(), model.config().hidden_size}, 4);
  const auto expected = gradients(model, (model.hidden(plan) * weight_TD).sum());
  const auto got = gradients(model, (model.hidden(plan, nullptr, &packed) * weight_TD).sum());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(model.parameters()[i].name);
    CHECK(at::equal(got[i], expected[i]));
  }
}

TEST_CASE("Model: weights packed before a change are those of before", "[model]") {
  const at::NoGradGuard no_grad;
  const Model model = random_model(small_config(), 1);
  const SegmentPlan plan = plan_sequence({1, 2, 3});
  const at::Tensor before = model.hidden(plan);
  PackedWeights packed = model.pack();
  for (const Parameter& parameter : model.parameters())
    if (parameter.tensor.dim() == 2 && parameter.name.find("layers") != std::string::npos)
      at::Tensor(parameter.tensor).mul_(2);
  if (has_own_products(model)) CHECK(at::equal(model.hidden(plan, nullptr, &packed), before));
  packed = model.pack();
  CHECK(at::equal(model.hidden(plan, nullptr, &packed), model.hidden(plan)));
  CHECK_FALSE(at::equal(model.hidden(plan), before));
}

TEST_CASE("Model: single steps with a cache have the bits of the whole forest", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const std::uint64_t seed = GENERATE(1, 2, 3);
  CAPTURE(dtype, seed);
  const Model model = random_model(small_config(), 5, dtype);
  const Forest forest = branched_forest(seed);
  const at::NoGradGuard no_grad;
  const Threads one_thread(1);  // steps are small: threads would wait for each other
  const at::Tensor whole_ND = model.hidden(plan_forest(forest));
  for (const std::size_t most : {1, 3, 1000}) {
    CAPTURE(most);
    check_same(model, by_steps(model, forest, most, false), whole_ND);
    check_same(model, by_steps(model, forest, most, true), whole_ND);
  }
}

TEST_CASE("Model: a sequence alone has the bits of its path in the forest", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Model model = random_model(small_config(), 6, dtype);
  const Forest forest = branched_forest(4);
  const at::NoGradGuard no_grad;
  const at::Tensor whole_ND = model.hidden(plan_forest(forest));
  for (std::int32_t response = 0; response < forest.responses(); ++response) {
    CAPTURE(dtype, response);
    std::vector<std::int64_t> nodes;
    std::vector<std::int32_t> tokens;
    for (const tempo::tree::NodeRange range : tempo::tree::response_path(forest, response)) {
      for (std::int32_t n = range.begin; n < range.end; ++n) {
        nodes.push_back(n);
        tokens.push_back(forest.token[static_cast<std::size_t>(n)]);
      }
    }
    check_same(model, model.hidden(plan_sequence(tokens)), whole_ND.index_select(0, at::tensor(nodes)));
  }
}

TEST_CASE("Model: the same bits with one and two threads", "[model]") {
  const at::ScalarType dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Model model = random_model(small_config(), 7, dtype);
  const Forest forest = branched_forest(5);
  const SegmentPlan plan = plan_forest(forest);
  const at::Tensor weight_TD = random_tensor({plan.tokens(), model.config().hidden_size}, 8);
  const auto compute = [&](int count) {
    const Threads threads(count);
    const at::Tensor hidden_TD = model.hidden(plan);
    std::vector<at::Tensor> out = gradients(model, (hidden_TD * weight_TD).sum());
    out.push_back(hidden_TD.detach());
    out.push_back(by_steps(model, forest, 1000, true));
    return out;
  };
  const std::vector<at::Tensor> one = compute(1), two = compute(2);
  for (std::size_t i = 0; i < one.size(); ++i) {
    INFO((i < model.parameters().size() ? model.parameters()[i].name : "hidden states"));
    check_same(model, one[i], two[i]);
  }
}

TEST_CASE("Model: keeping layer inputs only changes no bit, of gradients neither", "[model]") {
  const auto dtype = GENERATE(at::kFloat, at::kBFloat16);
  const Model model = random_model(small_config(), 8, dtype);
  const SegmentPlan plan = plan_forest(branched_forest(9));
  const auto run = [&](Keep keep) {
    const at::Tensor hidden_TD = model.hidden(plan, keep);
    std::vector<at::Tensor> out = gradients(model, hidden_TD.to(at::kFloat).square().sum());
    out.push_back(hidden_TD.detach());
    return out;
  };
  const auto all = run(Keep::kActivations), inputs = run(Keep::kLayerInputs);
  REQUIRE(all.size() == inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(at::equal(all[i], inputs[i]));
}
