// AdamW of a model that a group of processes trains, each with part of the batch: gradients are summed over
// the group while the backward pass runs, and each rank keeps the optimiser's state of its part of the
// weights alone (ZeRO-2, arXiv:1910.02054).
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tempo/dist/group.h"
#include "tempo/model/model.h"
#include "tempo/optim/adamw.h"

namespace tempo::train {

// Numbers [begin, end) of a parameter, in memory order.
struct OwnedRange {
  std::size_t parameter = 0;  // index in Model::parameters()
  std::int64_t begin = 0, end = 0;
};

// An update is begin_update, then add as often as every other rank, then norm, then step; or begin_update
// alone. Every rank makes the same calls. Alone, gradients stay where the backward pass leaves them, and
// nothing is copied.
class ShardedAdamW {
 public:
  // group: null for a process alone; outlives this object, as the model does. Throws tempo::Error as AdamW
  // does.
  ShardedAdamW(const model::Model& model, const optim::AdamWOptions& options, dist::Group* group = nullptr);
  ShardedAdamW(const ShardedAdamW&) = delete;
  ShardedAdamW& operator=(const ShardedAdamW&) = delete;
  ~ShardedAdamW();

  dist::Group& group() const;

  // Sets the gradients to zero. passes: how often add will be called.
  void begin_update(std::int64_t passes);
  // Adds the gradients that `backward` leaves in the model, of all ranks; empty: this rank has none. Float32
  // sums, as soon as there are several ranks or passes.
  void add(const std::function<void()>& backward);
  // Returns the Euclidean norm of the whole gradient, the same bits on every rank.
  double norm();
  // Updates the weights on every rank. Parameters as AdamW::step.
  void step(double learning_rate, double gradient_scale = 1.0);

  // Returns the float32 weights, in the order of Model::parameters(), on rank 0, of a group on its CPU; on
  // others none. Collective.
  std::vector<at::Tensor> master_weights();

  // What this rank keeps: the ranges, and for each the state and the weights, both sharing memory with this
  // object and the model.
  const std::vector<OwnedRange>& ranges() const;
  const optim::AdamWState& state() const;
  std::vector<at::Tensor> weights() const;
  // Goes on from a state of these ranges; the model's weights are the caller's to restore. Throws
  // tempo::Error as AdamW::restore does.
  void restore(const optim::AdamWState& state);

  // Bytes that a rank sends for one update of so many passes, by the formula of docs/scaling.md.
  std::int64_t bytes_per_update(std::int64_t passes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tempo::train
