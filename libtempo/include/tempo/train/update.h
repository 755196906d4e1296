// One optimiser update from the groups of a batch: micro-batches, loss, backward, clipping, step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tempo/credit/advantages.h"
#include "tempo/model/model.h"
#include "tempo/objective/loss.h"
#include "tempo/train/options.h"
#include "tempo/train/phase_timer.h"
#include "tempo/train/sharded_adamw.h"
#include "tempo/tree/forest.h"

namespace tempo::train {

struct UpdateReport {
  objective::LossStats stats{};
  double loss = 0;
  double grad_norm = 0;
  std::int64_t trained_tokens = 0;  // distinct tokens that went through the model, prompts included
};

// Returns the groups packed into micro-batches of at most max_tokens nodes, at least one group each: the
// largest first, each into the first micro-batch with room for it; in the given order within a micro-batch.
std::vector<std::vector<std::int32_t>> micro_batches(const tree::Forest& forest,
                                                     std::span<const std::int32_t> groups,
                                                     std::int64_t max_tokens);

// Adds the gradient of the loss of some groups of a forest to the model's parameters and returns what was
// measured. `update` is the size of the whole update, of which these groups may be a part. reference: null
// without one.
UpdateReport accumulate_gradients(const model::Model& model, const model::Model* reference,
                                  const tree::Forest& forest, const credit::Credit& credit,
                                  const credit::UpdateSize& update, const TrainOptions& options);

// One update of the model's weights from the given groups of the forest, which the ranks of the optimiser's
// group share by tokens; every rank gives the same arguments and gets the same report. Groups whose credit is
// zero everywhere are not computed when nothing else gives them a gradient (KL and entropy coefficients 0);
// they count in the averages. Gradients of several micro-batches are added up in float32. Throws
// tempo::Error, leaving the weights as they were, when loss or gradient are not finite. timer: null, or what
// the phases `update` (loss and gradients) and `optimizer` are added to.
UpdateReport update_weights(const model::Model& model, const model::Model* reference, ShardedAdamW& optimizer,
                            double learning_rate, const tree::Forest& forest, const credit::Credit& credit,
                            std::span<const std::int32_t> groups, const TrainOptions& options,
                            PhaseTimer* timer = nullptr);

}  // namespace tempo::train
