// Runs a random model, and reads a setting of the layer that uses all others.
#include <ATen/ATen.h>

#include <cstdio>

#include "tempo/model/model.h"
#include "tempo/train/options.h"

int main() {
  tempo::model::ModelConfig config;
  config.vocab_size = 8;
  config.hidden_size = 8;
  config.intermediate_size = 8;
  config.layers = 1;
  config.heads = 2;
  config.kv_heads = 1;
  config.head_dim = 4;
  config.max_positions = 8;
  tempo::model::Model model(config, at::kFloat, at::kCPU);
  tempo::model::initialise(model, 1);
  const at::Tensor hidden_TD = model.hidden(tempo::model::plan_sequence({1, 2, 3}));
  tempo::train::TrainOptions().validate();
  std::printf("%d x %d, finite %d\n", static_cast<int>(hidden_TD.size(0)),
              static_cast<int>(hidden_TD.size(1)), hidden_TD.isfinite().all().item<bool>());
}
