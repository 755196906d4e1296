// Runs the model for the sampler: the hidden states from which the frontier's next tokens are drawn. Shapes:
// T packed tokens, D width, N frontier nodes.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "frontier.h"
#include "tempo/model/model.h"
#include "tempo/model/segment_plan.h"

namespace tempo::rollout {

class Decoder {
 public:
  // Keeps references to the model, its packed weights and the prompts; owns a cache of `slots` slots.
  Decoder(const model::Model& model, const model::PackedWeights& packed,
          std::span<const std::vector<std::int32_t>> prompts, std::int64_t slots);

  // Feeds what the cache lacks of each node's path, a whole prompt or one token, and returns the hidden state
  // at its end, [N, D] in the frontier's order.
  at::Tensor hidden_at_ends(const Frontier& frontier);

 private:
  void add_to_plan(const FrontierNode& node, std::span<const tree::NodeRange> path);

  const model::Model& model_;
  const model::PackedWeights& packed_;
  std::span<const std::vector<std::int32_t>> prompts_;
  model::KvCache cache_;
  model::SegmentPlan plan_;
};

}  // namespace tempo::rollout
