#include <ATen/ATen.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cstdint>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/credit/fold.h"
#include "tempo/objective/loss.h"
#include "tempo/tree/forest.h"

using Catch::Matchers::Message;
using tempo::objective::node_batch;
using tempo::objective::NodeBatch;
using tempo::tree::Forest;

namespace {

// Prompt 9 8; responses 1 2 3, 1 4 and 5. Nodes: 9 8 | 1 | 2 3 | 4 | 5.
Forest small_forest(std::vector<std::int32_t> prompt = {9, 8}) {
  const std::vector<std::int32_t> prompt_offsets{0, static_cast<std::int32_t>(prompt.size())};
  const std::vector<std::int32_t> tokens{1, 2, 3, 1, 4, 5}, offsets{0, 3, 5, 6}, groups{0, 3};
  const std::vector<float> old_logp{-1, -2, -3, -1, -4, -5};
  return tempo::tree::build_forest({.prompt_tokens = prompt,
                                    .prompt_offsets = prompt_offsets,
                                    .response_tokens = tokens,
                                    .response_offsets = offsets,
                                    .group_offsets = groups,
                                    .old_logp = old_logp});
}

tempo::credit::FoldedCredit fold(const Forest& forest) {
  const tempo::credit::Credit credit{.response = {1, -2, 0}, .node = std::vector<float>(forest.token.size())};
  return tempo::credit::fold_credit(forest, credit, std::vector<double>{1, 1, 1});
}

std::vector<std::int64_t> list(const at::Tensor& x) {
  const at::Tensor values = x.to(at::kLong);
  return {values.const_data_ptr<std::int64_t>(), values.const_data_ptr<std::int64_t>() + values.numel()};
}

}  // namespace

TEST_CASE("node_batch: trainable nodes stand ordered by the row that predicts them", "[objective]") {
  const Forest forest = small_forest();
  const NodeBatch batch = node_batch(forest, fold(forest), at::kCPU);
  using List = std::vector<std::int64_t>;
  CHECK(list(batch.node) == List{2, 6, 3, 5, 4});
  CHECK(list(batch.row) == List{1, 1, 2, 2, 3});
  CHECK(list(batch.target) == List{1, 5, 2, 4, 3});
  CHECK(list(batch.old_logp) == List{-1, -5, -2, -4, -3});
  CHECK(list(batch.count) == List{2, 1, 1, 1, 1});
  CHECK(list(batch.weight) == List{2, 1, 1, 1, 1});
  CHECK(list(batch.positive) == List{1, 0, 1, 0, 1});
  CHECK(list(batch.negative) == List{2, 0, 0, 2, 0});
  CHECK(list(batch.positive_count) == List{1, 0, 1, 0, 1});
  CHECK(list(batch.negative_count) == List{1, 0, 0, 1, 0});
}

TEST_CASE("node_batch: rows and targets are int64, columns float32, counts int32", "[objective]") {
  const Forest forest = small_forest();
  const NodeBatch batch = node_batch(forest, fold(forest), at::kCPU);
  for (const at::Tensor& x : {batch.node, batch.row, batch.target}) CHECK(x.scalar_type() == at::kLong);
  for (const at::Tensor& x : {batch.old_logp, batch.positive, batch.negative, batch.weight})
    CHECK(x.scalar_type() == at::kFloat);
  for (const at::Tensor& x : {batch.count, batch.positive_count, batch.negative_count})
    CHECK(x.scalar_type() == at::kInt);
}

TEST_CASE("node_batch: an empty forest gives an empty batch", "[objective]") {
  const NodeBatch batch = node_batch({}, {}, at::kCPU);
  CHECK(batch.node.numel() == 0);
  CHECK(batch.row.scalar_type() == at::kLong);
}

TEST_CASE("node_batch: a response without a prompt is an error", "[objective]") {
  const Forest forest = small_forest({});
  CHECK_THROWS_MATCHES(node_batch(forest, fold(forest), at::kCPU), tempo::Error,
                       Message("node_batch: expected a prompt before each response, got none before node 0"));
}

TEST_CASE("node_batch: credit of another forest is an error", "[objective]") {
  const Forest forest = small_forest(), other = small_forest({9});
  CHECK_THROWS_MATCHES(node_batch(forest, fold(other), at::kCPU), tempo::Error,
                       Message("node_batch: expected the folded credit of 7 nodes, got 6"));
}
