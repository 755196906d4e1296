// The parts of Model that its sources share.
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "linear.h"
#include "rotary.h"
#include "tempo/model/attention.h"
#include "tempo/model/model.h"

namespace tempo::model {

// One decoder layer's parameters, shared with Model::parameters(); undefined where the architecture has none.
struct Model::Layer {
  at::Tensor input_norm, query_norm, key_norm, mlp_norm;
  LinearGroup qkv, output, gate_up, down;
};

struct Model::Call {
  std::shared_ptr<const AttentionPlan> plan;
  RotaryTables rotary;
  at::Tensor token_T;
  KvCache* cache;
  at::Tensor slot_T;  // where there is a cache
};

// The residual stream is x + delta; the next norm adds them. delta is undefined before the first layer.
struct Model::State {
  at::Tensor x_TD, delta_TD;
};

}  // namespace tempo::model
