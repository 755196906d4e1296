// Each term names what holds it; sizes in bytes. T tokens of a micro-batch, D width, I inner width, H query
// and K key-value heads of width E, L layers, V vocabulary.
#include "tempo/train/memory_plan.h"

#include <algorithm>
#include <vector>

#include "gradient_buckets.h"
#include "tempo/core/error.h"
#include "tempo/model/parameter_count.h"
#include "tempo/objective/logprobs.h"

namespace tempo::train {
namespace {

// Bytes a parameter. Weights and gradients are of the weights' dtype.
constexpr std::int64_t kMasterBytes = 2;  // what bfloat16 weights lack of float32; none for float32
constexpr std::int64_t kMomentBytes = 8;  // two of float32

constexpr std::int64_t kFloatBytes = 4;
constexpr std::int64_t kPlanBytes = 12;   // token, position and slot of a token in a segment plan
constexpr std::int64_t kNodeBytes = 100;  // of a token once a micro-batch: forest, plan, columns of the loss
constexpr std::int64_t kCallTokens = 2048;  // of a call of the model while sampling (rollout/decode.cpp)
constexpr std::int64_t kDrawnRows = 128;    // rows of logits at a time while sampling (rollout/draw.cpp)

// Gaps as a share of what every update makes and frees: the output layer, gradients and all layers'
// activations, with checkpointing too, as it frees the rest of a layer between every two pieces that it
// keeps. Measured with the programs' memory for tensors (trainers/common/tensor_memory.h): benchmarks/memory.
constexpr double kGaps = 0.03;

// Shape of the model, with what follows from it and the dtype.
struct Shape {
  explicit Shape(const MemoryInputs& inputs)
      : config(inputs.model),
        element(inputs.dtype == at::kFloat ? 4 : 2),
        width(config.hidden_size),
        inner(config.intermediate_size),
        query(config.heads * config.head_dim),
        key(config.kv_heads * config.head_dim),
        output(config.vocab_size * width) {}

  const model::ModelConfig& config;
  std::int64_t element, width, inner, query, key;  // D, I, H E, K E
  std::int64_t output;                             // numbers of the output matrix, V D

  // What autograd keeps of a layer, a token: the inputs of both norms and 1 / rms; rotated queries and keys,
  // values, outputs and log-sum of the attention; gate and up. Qwen3 keeps queries and keys before their
  // norm.
  std::int64_t layer_token() const {
    std::int64_t numbers = 2 * width + 2 * query + 2 * key + 2 * inner, floats = config.heads + 2;
    if (config.qk_norm) numbers += query + key, floats += config.heads + config.kv_heads;
    return element * numbers + kFloatBytes * floats + kPlanBytes;
  }
  // A checkpointed layer keeps both parts of the residual stream.
  std::int64_t checkpoint_token() const { return element * 2 * width; }
  // Once: the last sum, its norm and the norm's gradient; rotary tables; what describes the token.
  std::int64_t last_token() const { return element * 3 * width + kFloatBytes * config.head_dim + kNodeBytes; }
  // Working memory of a layer's backward pass: the products of its MLP, and the weight of one packed.
  std::int64_t backward_token() const { return element * (3 * inner + 2 * width); }
  std::int64_t packed_matrix() const { return element * width * std::max(inner, query); }
};

// The largest rank's part.
std::int64_t share_of_ranks(std::int64_t count, const MemoryInputs& inputs) {
  return (count + inputs.ranks - 1) / inputs.ranks;
}

std::int64_t group_tokens(const MemoryInputs& inputs) {
  return inputs.longest_prompt +
         std::int64_t{inputs.train.loop.responses_per_prompt} * inputs.train.sampling.max_new_tokens;
}

// Fills in how many tokens go through the model at a time.
UpdateMemory update_of(const MemoryInputs& inputs) {
  const LoopOptions& loop = inputs.train.loop;
  UpdateMemory update;
  update.group_tokens = group_tokens(inputs);
  update.update_tokens =
      update.group_tokens *
      share_of_ranks(loop.mini_batch_prompts > 0 ? loop.mini_batch_prompts : loop.prompts_per_step, inputs);
  update.in_parts =
      update.update_tokens > loop.micro_batch_tokens && update.update_tokens > update.group_tokens;
  update.tokens = std::min(update.update_tokens, std::max(loop.micro_batch_tokens, update.group_tokens));
  return update;
}

// The output layer while the loss is computed: the chunk of logits, the matrix packed as both operands, its
// gradient in float32, and at the end in the weights' dtype.
std::int64_t output_layer(const Shape& shape, std::int64_t tokens, bool packs) {
  const std::int64_t rows = std::min(tokens, objective::LogprobOptions{}.chunk_rows);
  const std::int64_t logits = rows * shape.config.vocab_size;
  const std::int64_t copies = packs ? 2 * shape.output : logits + shape.output;
  const std::int64_t narrow_gradient = shape.element < kFloatBytes ? shape.output : 0;
  return kFloatBytes * (logits + shape.output) + shape.element * (copies + narrow_gradient);
}

// Buckets of gradients that are being reduced, or filled.
std::int64_t under_way(const Shape& shape, std::int64_t parameters) {
  constexpr auto kFull = static_cast<std::int64_t>(kMostUnderWay);  // and one more, the largest
  return kFloatBytes * std::min(parameters, kFull * kBucketNumbers + std::max(kBucketNumbers, shape.output));
}

// An update needs most at one of three moments.
std::vector<UpdateMemory> moments_of(const MemoryInputs& inputs, const Shape& shape,
                                     std::int64_t parameters) {
  const UpdateMemory start = update_of(inputs);
  const bool checkpointing = inputs.train.loop.activation_checkpointing;
  const std::int64_t layers = shape.config.layers, tokens = start.tokens;
  const std::int64_t layer = tokens * shape.layer_token();
  const std::int64_t kept = tokens * (checkpointing ? shape.checkpoint_token() : shape.layer_token());
  const std::int64_t last = tokens * shape.last_token();
  const std::int64_t output_gradient = shape.element * shape.output;
  // Those of several micro-batches are added up in float32; of several ranks each has the sums of its part,
  // and what is on its way to them.
  const bool alone = inputs.ranks == 1;
  const std::int64_t sums = share_of_ranks(parameters, inputs) * kFloatBytes;
  const std::int64_t all_gradients = alone ? parameters * shape.element : sums + under_way(shape, parameters);
  const std::int64_t before = start.in_parts ? sums : 0;

  UpdateMemory at_loss = start;
  at_loss.activations = layers * kept + last;
  at_loss.output_layer = output_layer(shape, tokens, inputs.packs);
  at_loss.gradients = before;

  UpdateMemory at_last_layer = start;
  at_last_layer.activations = at_loss.activations;
  at_last_layer.layer_work = tokens * shape.backward_token() + (inputs.packs ? shape.packed_matrix() : 0) +
                             (checkpointing ? layer : 0);
  at_last_layer.output_layer = output_gradient;
  at_last_layer.gradients = before;

  // A tied matrix has two gradients, of the output and of the embedding, until they are added.
  UpdateMemory at_first_layer = start;
  at_first_layer.activations = kept;
  at_first_layer.layer_work = at_last_layer.layer_work;
  at_first_layer.output_layer = shape.config.tie_embeddings || start.in_parts ? output_gradient : 0;
  at_first_layer.gradients = std::max(before, all_gradients);
  if (start.in_parts && shape.config.tie_embeddings) at_first_layer.gradients += output_gradient;
  return {at_loss, at_last_layer, at_first_layer};
}

std::int64_t gaps_of(const UpdateMemory& update, const Shape& shape, std::int64_t parameters) {
  const std::int64_t layers = shape.config.layers * update.tokens * shape.layer_token();
  const std::int64_t gradients = std::max(update.gradients, parameters * shape.element);
  return static_cast<std::int64_t>(kGaps * static_cast<double>(layers + update.output_layer + gradients));
}

UpdateMemory most_of_update(const MemoryInputs& inputs, const Shape& shape, std::int64_t parameters) {
  UpdateMemory most;
  for (UpdateMemory& moment : moments_of(inputs, shape, parameters)) {
    moment.gaps = gaps_of(moment, shape, parameters);
    if (moment.total() > most.total()) most = moment;
  }
  return most;
}

// prompts: of a call of the sampler.
SamplingMemory sampling_of(const Shape& shape, const rollout::SamplingOptions& sampling, std::int64_t prompts,
                           std::int64_t responses, std::int64_t longest_prompt, std::int64_t packed) {
  SamplingMemory memory;
  memory.groups = std::clamp<std::int64_t>(
      prompts, 1, std::max<std::int64_t>(1, sampling.max_concurrent_responses / responses));
  memory.slots = memory.groups * (longest_prompt + responses * (sampling.max_new_tokens - 1));
  memory.packed_weights = packed;
  memory.cache = memory.slots * shape.element * 2 * shape.key * shape.config.layers;
  const std::int64_t tokens = std::max(longest_prompt, std::min(kCallTokens, memory.groups * longest_prompt));
  memory.work = tokens * shape.element * (6 * shape.width + shape.query + 3 * shape.inner) +
                std::min(kDrawnRows, memory.groups * responses) * shape.config.vocab_size * kFloatBytes;
  return memory;
}

}  // namespace

std::int64_t MemoryPlan::sampling_peak() const {
  const auto peak = [&](const SamplingMemory& sampling) {
    return held() + sampling.packed_weights + sampling.cache + sampling.work;
  };
  return std::max(peak(rollout), evaluation ? peak(*evaluation) : 0);
}

std::int64_t MemoryPlan::peak() const { return std::max({update_peak(), sampling_peak(), saving_peak()}); }

MemoryPlan plan_memory(const MemoryInputs& inputs) {
  TEMPO_CHECK(inputs.dtype == at::kFloat || inputs.dtype == at::kBFloat16,
              "plan_memory: expected float32 or bfloat16, got ", at::toString(inputs.dtype));
  const Shape shape(inputs);
  const model::ParameterCount count = model::parameter_count(inputs.model);
  MemoryPlan plan;
  plan.program = inputs.program;
  plan.weights = count.all * shape.element;
  plan.master_weights = inputs.dtype == at::kFloat ? 0 : share_of_ranks(count.all, inputs) * kMasterBytes;
  plan.moments = share_of_ranks(count.all, inputs) * kMomentBytes;
  if (inputs.reference) plan.reference = model::parameter_count(*inputs.reference).all * shape.element;
  plan.update = most_of_update(inputs, shape, count.all);

  if (inputs.save_dtype != inputs.dtype) plan.saving = count.all * kFloatBytes;
  const std::int64_t packed = inputs.packs ? count.multiplied * shape.element : 0;
  const TrainOptions& train = inputs.train;
  plan.rollout = sampling_of(shape, train.sampling, share_of_ranks(train.loop.prompts_per_step, inputs),
                             train.loop.responses_per_prompt, inputs.longest_prompt, packed);
  for (const MemoryInputs::Evaluation& evaluation : inputs.evaluations) {
    const EvaluationOptions& options = evaluation.options;
    for (const std::int32_t responses : {options.greedy ? 1 : 0, options.samples}) {
      if (responses == 0) continue;
      const SamplingMemory memory =
          sampling_of(shape, options.sampling, share_of_ranks(evaluation.problems, inputs), responses,
                      evaluation.longest_prompt, packed);
      if (!plan.evaluation || memory.cache + memory.work > plan.evaluation->cache + plan.evaluation->work)
        plan.evaluation = memory;
    }
  }
  return plan;
}

std::int64_t most_micro_batch_tokens(MemoryInputs inputs, std::int64_t memory) {
  const auto fits = [&](std::int64_t tokens) {
    inputs.train.loop.micro_batch_tokens = tokens;
    return plan_memory(inputs).peak() <= memory;
  };
  const UpdateMemory update = update_of(inputs);
  if (fits(update.update_tokens)) return update.update_tokens;
  if (!fits(update.group_tokens)) return 0;
  // Below the whole update the peak grows with the tokens.
  std::int64_t most = update.group_tokens, too_many = update.update_tokens;
  while (too_many - most > 1) {
    const std::int64_t middle = most + (too_many - most) / 2;
    (fits(middle) ? most : too_many) = middle;
  }
  return most;
}

}  // namespace tempo::train
