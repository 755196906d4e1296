// Draws the frontier's next tokens from hidden states. Shapes: N frontier nodes, D width, V vocabulary.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

#include "frontier.h"
#include "tempo/kernels/sampling.h"
#include "tempo/model/model.h"
#include "tempo/rollout/sampler.h"

namespace tempo::rollout {

class Drawer {
 public:
  // output: the model's packed output weight, which must outlive this.
  Drawer(const model::Model& model, const model::PackedMatrix& output, const SamplingOptions& options,
         const SamplingKey& key);

  // Sets the entropy of every node and the token and logp of every member. hidden_ND in the frontier's order.
  // Throws tempo::Error when logits are not finite.
  void draw(const at::Tensor& hidden_ND, Frontier& frontier);

 private:
  void draw_chunk(const at::Tensor& logits_NV, std::size_t first_node, Frontier& frontier);

  const model::PackedMatrix& output_;
  kernels::SamplingParams params_;
  SamplingKey key_;
  at::Tensor logits_;                          // of a chunk; kept, for fresh pages cost more than the product
  std::vector<kernels::RowSampler> samplers_;  // one a thread
};

}  // namespace tempo::rollout
