// Draws the frontier's next tokens from hidden states. Shapes: N frontier nodes, M responses in them, D
// width, V vocabulary.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

#include "frontier.h"
#include "tempo/kernels/draw.h"
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
  // Where the hidden states are on a device, tokens are drawn there, and they alone are copied.
  // Throws tempo::Error when logits are not finite.
  void draw(const at::Tensor& hidden_ND, Frontier& frontier);

 private:
  at::Tensor plan(Frontier& frontier);
  void draw_rows(const kernels::DrawArgs<float>& args);
  void take(const kernels::DrawArgs<float>& drawn, Frontier& frontier) const;

  const model::PackedMatrix& output_;
  kernels::SamplingParams params_;
  SamplingKey key_;
  at::Tensor logits_;                          // of a chunk; kept, for fresh pages cost more than the product
  std::vector<kernels::RowSampler> samplers_;  // one a thread of the CPU
  std::vector<std::int32_t> offsets_;          // [N + 1] of the nodes' members
  std::vector<kernels::DrawPlace> places_;     // [M]
};

}  // namespace tempo::rollout
