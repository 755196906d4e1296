#include "tempo/train/memory_plan.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <functional>
#include <vector>

#include "io/scratch.h"

using namespace tempo::train;
using tempo::model::ModelConfig;
using tempo::testing::error_of;

namespace {

// Embedding 80 numbers, a layer 592, last norm 8: 1272.
ModelConfig tiny_config() {
  ModelConfig config;
  config.vocab_size = 10;
  config.hidden_size = 8;
  config.intermediate_size = 16;
  config.layers = 2;
  config.heads = 2;
  config.kv_heads = 1;
  config.head_dim = 4;
  config.max_positions = 64;
  config.tie_embeddings = true;
  return config;
}

// 4 groups of at most 5 + 2 x 3 = 11 tokens.
MemoryInputs tiny_inputs() {
  MemoryInputs inputs{.model = tiny_config(), .dtype = at::kBFloat16, .longest_prompt = 5, .program = 1000};
  inputs.train.loop.prompts_per_step = 4;
  inputs.train.loop.responses_per_prompt = 2;
  inputs.train.sampling.max_new_tokens = 3;
  return inputs;
}

// SmolLM2-135M, 4 prompts of 46 tokens x 8 x 64.
MemoryInputs smollm2_inputs() {
  MemoryInputs inputs{.model = tiny_config(), .dtype = at::kBFloat16, .longest_prompt = 46};
  inputs.model.vocab_size = 49152;
  inputs.model.hidden_size = 576;
  inputs.model.intermediate_size = 1536;
  inputs.model.layers = 30;
  inputs.model.heads = 9;
  inputs.model.kv_heads = 3;
  inputs.model.head_dim = 64;
  inputs.train.loop.prompts_per_step = 4;
  inputs.train.sampling.max_new_tokens = 64;
  return inputs;
}

}  // namespace

TEST_CASE("plan_memory: what is held all the time, by hand", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  const MemoryPlan plan = plan_memory(inputs);
  CHECK(plan.weights == 1272 * 2);
  CHECK(plan.master_weights == 1272 * 2);
  CHECK(plan.moments == 1272 * 8);
  CHECK(plan.reference == 0);
  CHECK(plan.held() == 1272 * 12 + 1000);
  inputs.dtype = at::kFloat;
  inputs.reference = tiny_config();
  inputs.reference->layers = 1;
  const MemoryPlan wide = plan_memory(inputs);
  CHECK(wide.weights == 1272 * 4);
  CHECK(wide.master_weights == 0);
  CHECK(wide.reference == (1272 - 592) * 4);
}

TEST_CASE("plan_memory: ranks share the optimiser's state, the gradients' sums and the prompts", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  inputs.ranks = 3;  // of 4 prompts one rank has 2
  const MemoryPlan plan = plan_memory(inputs), alone = plan_memory(tiny_inputs());
  CHECK(plan.weights == alone.weights);
  CHECK(plan.master_weights == 1272 / 3 * 2);
  CHECK(plan.moments == 1272 / 3 * 8);
  CHECK(plan.update.update_tokens == alone.update.update_tokens / 2);
  CHECK(plan.rollout.cache <= alone.rollout.cache);
}

TEST_CASE("plan_memory: an update by hand, most at the start of the backward pass", "[train]") {
  const UpdateMemory update = plan_memory(tiny_inputs()).update;
  CHECK(update.group_tokens == 11);
  CHECK(update.update_tokens == 44);
  CHECK(update.tokens == 44);
  CHECK_FALSE(update.in_parts);
  // A layer keeps 2 (2 x 8 + 2 x 8 + 2 x 4 + 2 x 16) + 4 (2 + 2) + 12 a token.
  CHECK(update.activations == 44 * (2 * 172 + (2 * 3 * 8 + 4 * 4 + 100)));
  CHECK(update.layer_work == 44 * 2 * (3 * 16 + 2 * 8) + 2 * 8 * 16);
  CHECK(update.output_layer == 2 * 80);
  CHECK(update.gradients == 0);
  CHECK(update.gaps == 3 * (44 * 2 * 172 + 2 * 80 + 2 * 1272) / 100);
}

TEST_CASE("plan_memory: an update by hand, most at the loss", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  inputs.model.vocab_size = 100000;
  inputs.train.loop.micro_batch_tokens = 25;
  const UpdateMemory update = plan_memory(inputs).update;
  CHECK(update.tokens == 25);
  CHECK(update.in_parts);
  // Logits in float32; the matrix packed twice; its gradient in float32 and in bfloat16.
  CHECK(update.output_layer == 25 * 400000 + 800000 * (2 * 2 + 4 + 2));
  CHECK(update.gradients == (800000 + 1192) * 4);  // of the micro-batches before, in float32
  inputs.packs = false;
  CHECK(plan_memory(inputs).update.output_layer == 25 * 600000 + 800000 * (2 + 4 + 2));
}

TEST_CASE("plan_memory: sampling by hand", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  inputs.model.tie_embeddings = false;
  const SamplingMemory sampling = plan_memory(inputs).rollout;
  CHECK(sampling.slots == 4 * (5 + 2 * 2));
  CHECK(sampling.cache == 36 * 2 * 2 * 4 * 2);
  CHECK(sampling.packed_weights == 2 * (80 + 2 * 576));  // no norms, no embedding
  inputs.train.sampling.max_concurrent_responses = 5;
  CHECK(plan_memory(inputs).rollout.slots == 2 * (5 + 2 * 2));
}

TEST_CASE("plan_memory: saving in another dtype copies the weights", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  CHECK(plan_memory(inputs).saving == 1272 * 4);
  CHECK(plan_memory(inputs).saving_peak() == plan_memory(inputs).held() + 1272 * 4);
  inputs.save_dtype = at::kBFloat16;
  CHECK(plan_memory(inputs).saving == 0);
}

TEST_CASE("plan_memory: a large evaluation is the peak of sampling", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  const MemoryPlan without = plan_memory(inputs);
  inputs.evaluations = {{.problems = 1000, .longest_prompt = 10}, {.problems = 1000, .longest_prompt = 50}};
  for (auto& evaluation : inputs.evaluations) evaluation.options.sampling.max_new_tokens = 11;
  const MemoryPlan plan = plan_memory(inputs);
  CHECK(plan.evaluation->slots == 256 * 60);
  CHECK(plan.sampling_peak() ==
        plan.held() + plan.evaluation->packed_weights + plan.evaluation->cache + plan.evaluation->work);
  CHECK(plan.peak() == plan.sampling_peak());
  CHECK(plan.peak() > without.peak());
}

TEST_CASE("plan_memory: more of anything is not less memory", "[train]") {
  const std::vector<std::function<void(MemoryInputs&)>> changes{
      [](MemoryInputs& in) { in.longest_prompt += 1; },
      [](MemoryInputs& in) { in.train.loop.prompts_per_step += 1; },
      [](MemoryInputs& in) { in.train.loop.responses_per_prompt += 1; },
      [](MemoryInputs& in) { in.train.sampling.max_new_tokens += 1; },
      [](MemoryInputs& in) { in.model.layers += 1; },
      [](MemoryInputs& in) { in.model.vocab_size += 1; },
      [](MemoryInputs& in) { in.model.intermediate_size += 2; },
      [](MemoryInputs& in) { in.model.qk_norm = true; },
      [](MemoryInputs& in) { in.model.tie_embeddings = false; },
      [](MemoryInputs& in) { in.reference = in.model; },
      [](MemoryInputs& in) { in.dtype = at::kFloat; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    MemoryInputs more = smollm2_inputs();
    changes[i](more);
    CHECK(plan_memory(more).peak() > plan_memory(smollm2_inputs()).peak());
  }
}

TEST_CASE("plan_memory: checkpointing needs less", "[train]") {
  MemoryInputs inputs = smollm2_inputs();
  const MemoryPlan all = plan_memory(inputs);
  inputs.train.loop.activation_checkpointing = true;
  const MemoryPlan checkpointed = plan_memory(inputs);
  CHECK(checkpointed.update.activations * 3 < all.update.activations);
  CHECK(checkpointed.peak() < all.peak());
}

TEST_CASE("plan_memory: a micro-batch is at least one group, at most the update", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  const auto tokens = [&](std::int64_t micro_batch_tokens) {
    inputs.train.loop.micro_batch_tokens = micro_batch_tokens;
    return plan_memory(inputs).update.tokens;
  };
  CHECK(tokens(1) == 11);
  CHECK(tokens(12) == 12);
  CHECK(tokens(45) == 44);
  inputs.train.loop.mini_batch_prompts = 1;
  CHECK(tokens(4096) == 11);
  CHECK_FALSE(plan_memory(inputs).update.in_parts);
}

TEST_CASE("plan_memory: refuses what it does not know", "[train]") {
  MemoryInputs inputs = tiny_inputs();
  inputs.dtype = at::kHalf;
  CHECK(error_of([&] { plan_memory(inputs); }) == "plan_memory: expected float32 or bfloat16, got Half");
}

TEST_CASE("most_micro_batch_tokens: the biggest fits, one more does not", "[train]") {
  MemoryInputs inputs = smollm2_inputs();
  inputs.train.loop.activation_checkpointing = GENERATE(false, true);
  inputs.train.loop.prompts_per_step = 64;
  const auto peak = [&](std::int64_t tokens) {
    inputs.train.loop.micro_batch_tokens = tokens;
    return plan_memory(inputs).peak();
  };
  const std::int64_t one = 46 + 8 * 64, all = 64 * one;
  const std::int64_t memory = (peak(1) + peak(all)) / 2;
  const std::int64_t most = most_micro_batch_tokens(inputs, memory);
  CHECK(most > one);
  CHECK(most < all);
  CHECK(peak(most) <= memory);
  CHECK(peak(most + 1) > memory);
  CHECK(most_micro_batch_tokens(inputs, peak(1)) == one);
  CHECK(most_micro_batch_tokens(inputs, peak(1) - 1) == 0);
  CHECK(most_micro_batch_tokens(inputs, peak(all)) == all);
}
