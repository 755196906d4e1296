// One training step with your own loop: sample two groups, reward them, assign credit on the tree, update the
// weights.
#include <ATen/ATen.h>

#include <cstdint>
#include <iostream>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/model/model.h"
#include "tempo/rollout/sampler.h"
#include "tempo/train/sharded_adamw.h"
#include "tempo/train/update.h"

int main() {
  // A tiny model with random weights; tempo::model::load_model opens a real one.
  tempo::model::ModelConfig config;
  config.vocab_size = 32;
  config.hidden_size = 32;
  config.intermediate_size = 64;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 8;
  config.max_positions = 128;
  config.tie_embeddings = true;
  tempo::model::Model model(config, at::kFloat, at::kCPU);
  tempo::model::initialise(model, 1);

  tempo::train::TrainOptions options;
  options.sampling.max_new_tokens = 6;
  options.optimizer.learning_rate = 1e-2;
  tempo::train::ShardedAdamW optimizer(model, options.optimizer);

  // The task: answer with small token ids. The share of them among the response's tokens is the reward.
  const std::vector<std::vector<std::int32_t>> prompts{{1, 2, 3}, {4, 5}};
  for (std::uint32_t step = 0; step < 20; ++step) {
    const auto rollout =
        tempo::rollout::sample(model, prompts, 8, options.sampling, {.seed = 7, .step = step});
    std::vector<float> rewards;
    for (std::int32_t r = 0; r < rollout.forest.responses(); ++r) {
      const auto tokens = tempo::tree::response_tokens(rollout.forest, r);
      float small = 0;
      for (const std::int32_t token : tokens) small += token < 8 ? 1.0F : 0.0F;
      rewards.push_back(small / static_cast<float>(tokens.size()));
    }
    const auto credit = tempo::credit::assign_credit(rollout.forest, rewards, options.advantage);
    const auto report =
        tempo::train::update_weights(model, nullptr, optimizer, options.optimizer.learning_rate,
                                     rollout.forest, credit, std::vector<std::int32_t>{0, 1}, options);
    float mean = 0;
    for (const float reward : rewards) mean += reward / static_cast<float>(rewards.size());
    std::cout << "step " << step + 1 << "  reward " << mean << "  loss " << report.loss << "  grad norm "
              << report.grad_norm << "\n";
  }
}
