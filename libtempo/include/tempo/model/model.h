// The transformer: packed tokens and a segment plan in, hidden states out; one code for sampling, scoring and
// training. Shapes: T packed tokens, D width, V vocabulary, H query heads, K key-value heads, E head width, S
// cache slots.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tempo/model/config.h"
#include "tempo/model/products.h"
#include "tempo/model/segment_plan.h"

namespace tempo::model {

struct Parameter {
  std::string name;  // Hugging Face's, such as model.layers.0.self_attn.q_proj.weight
  at::Tensor tensor;
};

// Keys (rotated) and values of all layers, by slot. Whoever makes plans decides which token owns which slot.
struct KvCache {
  KvCache(const ModelConfig& config, std::int64_t slots, at::ScalarType dtype, at::Device device);

  std::vector<at::Tensor> key_SKE;    // a layer
  std::vector<at::Tensor> value_SKE;  // a layer
  std::int64_t slots = 0;
};

// The weights in the layout of the products, as they are when packed: for many calls between two updates.
struct PackedWeights {
  struct Layer {
    std::vector<PackedMatrix> qkv, output, gate_up, down;
  };
  std::vector<Layer> layers;
  PackedMatrix output;  // logits = hidden_TD @ output
};

// What a forward pass keeps for the backward pass.
enum class Keep {
  kActivations,  // of every layer
  kLayerInputs,  // and the backward pass computes each layer again: a third more arithmetic, a tenth of the
                 // memory
};

// Copies share their parameters.
class Model {
 public:
  // Allocates the parameters, requiring gradients, values undefined until loaded or initialised.
  Model(const ModelConfig& config, at::ScalarType dtype, at::Device device);

  const ModelConfig& config() const { return config_; }
  at::ScalarType dtype() const { return dtype_; }
  at::Device device() const { return device_; }

  // Returns the final, normalised hidden states [T, D]. Without a cache the keys are those of this call's
  // tokens. With one, this call's keys and values are first written to their slots; gradients do not flow
  // into the cache, so call it with gradients off. packed: null, or the weights, packed since they last
  // changed: saves packing them in this call, and changes no bit. A row's bits depend on its own path alone
  // where the products' do (tempo/model/products.h).
  at::Tensor hidden(const SegmentPlan& plan, KvCache* cache = nullptr,
                    const PackedWeights* packed = nullptr) const;

  // The same without a cache, with less to keep (activation checkpointing). The same bits, gradients too.
  at::Tensor hidden(const SegmentPlan& plan, Keep keep) const;

  PackedWeights pack() const;

  // The output projection [V, D]: logits = hidden_TD @ output_weight_VD^T. The embedding itself when tied.
  const at::Tensor& output_weight() const { return output_weight_; }

  // All parameters, in the order of a Hugging Face checkpoint; a tied output weight is not listed twice.
  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  struct Layer;
  struct Call;   // what the layers of one call share
  struct State;  // what a layer hands to the next
  struct CheckpointedLayer;
  Call make_call(const SegmentPlan& plan, KvCache* cache) const;
  State embed(const Call& call) const;
  State run_layer(std::size_t index, const State& state, const Call& call,
                  const PackedWeights::Layer& packed) const;
  at::Tensor normed(const State& state) const;
  std::vector<at::Tensor> layer_parameters(std::size_t index) const;
  at::Tensor attend(std::size_t index, std::vector<at::Tensor> qkv, const Call& call) const;
  void check(const SegmentPlan& plan, const KvCache* cache) const;

  ModelConfig config_;
  at::ScalarType dtype_;
  at::Device device_;
  std::vector<Parameter> parameters_;
  std::shared_ptr<const std::vector<Layer>> layers_;
  at::Tensor embedding_, final_norm_, output_weight_;
};

// Returns the tensors of Model::parameters().
std::vector<at::Tensor> parameter_tensors(const Model& model);

// Draws every weight from N(0, 0.02^2), norms 1, biases 0, by seed: small models for tests and examples.
void initialise(Model& model, std::uint64_t seed);

// Loads a Hugging Face folder (safetensors, single or sharded) or a GGUF file, converted to dtype.
// Throws tempo::Error: a missing tensor, a shape that does not fit, an unknown architecture or quantisation.
Model load_model(const std::filesystem::path& path, at::ScalarType dtype, at::Device device);

// Writes config.json, generation_config.json and model.safetensors (sharded with an index above 5 GB),
// weights as dtype, so that transformers opens the folder. Each file appears whole or not at all.
void save_model(const Model& model, const std::filesystem::path& folder, at::ScalarType dtype);

// The same for given values, [parameters] in Model::parameters() order: the optimiser's float32 master
// weights.
void save_model(const Model& model, std::span<const at::Tensor> values, const std::filesystem::path& folder,
                at::ScalarType dtype);

}  // namespace tempo::model
