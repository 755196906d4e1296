// The peak memory of a run, computed from its model's shape and its settings: docs/memory.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tempo/model/config.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/options.h"

namespace tempo::train {

// Everything the memory of a process of a run on a CPU depends on. All sizes below are bytes.
struct MemoryInputs {
  struct Evaluation {  // one set's
    std::int64_t problems = 1;
    std::int64_t longest_prompt = 1;  // tokens
    EvaluationOptions options{};
  };

  model::ModelConfig model;
  at::ScalarType dtype = at::kFloat;              // of the weights in use, float32 or bfloat16
  at::ScalarType save_dtype = at::kFloat;         // of saved weights
  std::optional<model::ModelConfig> reference{};  // with a KL term
  TrainOptions train{};
  std::int64_t ranks = 1;           // processes that share the run
  std::int64_t longest_prompt = 1;  // tokens, of the training data
  std::vector<Evaluation> evaluations{};
  std::int64_t program = std::int64_t{128} << 20;  // libraries, tokenizer, data
  bool packs = true;  // products read packed copies of weights (PackedMatrix::bytes_of_weight is not 0)
};

// What the process holds at the moment of an update that needs most.
struct UpdateMemory {
  std::int64_t group_tokens = 0;   // distinct tokens of a group, at most
  std::int64_t update_tokens = 0;  // of an update, at most
  std::int64_t tokens = 0;         // of a micro-batch, at most
  bool in_parts = false;           // an update may have several micro-batches: gradients outlive each
  std::int64_t activations = 0;    // that the backward pass reads
  std::int64_t layer_work = 0;     // of the layer that the backward pass is in
  std::int64_t output_layer = 0;
  std::int64_t gradients = 0;
  std::int64_t gaps = 0;  // freed pieces between these that nothing fits into
  std::int64_t total() const { return activations + layer_work + output_layer + gradients + gaps; }
};

// What sampling adds, all places of the cache taken and every response at its full length.
struct SamplingMemory {
  std::int64_t groups = 1;  // at a time
  std::int64_t slots = 0;   // of the key-value cache
  std::int64_t packed_weights = 0;
  std::int64_t cache = 0;
  std::int64_t work = 0;  // of a call of the model, and logits
};

struct MemoryPlan {
  std::int64_t program = 0, weights = 0, master_weights = 0, moments = 0, reference = 0;
  UpdateMemory update;
  SamplingMemory rollout;
  std::optional<SamplingMemory> evaluation;  // of the set that needs most
  std::int64_t saving = 0;                   // copies of the weights in another dtype

  // What is there all the time.
  std::int64_t held() const { return program + weights + master_weights + moments + reference; }
  std::int64_t update_peak() const { return held() + update.total(); }
  // Requires that what an update has freed is given back before sampling, as tempo-train does.
  std::int64_t sampling_peak() const;
  std::int64_t saving_peak() const { return held() + saving; }
  std::int64_t peak() const;
};

// Returns the memory of a run. It is an upper bound where it depends on what is sampled: groups of the
// longest prompt, whose responses share no token and have max_new_tokens. Gaps are an estimate from measured
// runs. Requires: inputs that a run would accept.
MemoryPlan plan_memory(const MemoryInputs& inputs);

// Returns the biggest train.micro_batch_tokens whose peak is at most `memory` bytes: the tokens of the whole
// update when they fit in one micro-batch, 0 when not even one group does. The inputs' own value is not read.
std::int64_t most_micro_batch_tokens(MemoryInputs inputs, std::int64_t memory);

}  // namespace tempo::train
