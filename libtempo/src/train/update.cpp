#include "tempo/train/update.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ranks.h"
#include "tempo/core/error.h"
#include "tempo/credit/fold.h"
#include "tempo/credit/gather.h"
#include "tempo/objective/logprobs.h"
#include "tempo/objective/policy_loss.h"
#include "tempo/tree/gather.h"
#include "wire.h"

namespace tempo::train {
namespace {

credit::UpdateSize update_size(const tree::Forest& forest, std::span<const std::int32_t> groups) {
  credit::UpdateSize size;
  for (const std::int32_t g : groups) {
    const auto begin = forest.group_response[static_cast<std::size_t>(g)];
    const auto end = forest.group_response[static_cast<std::size_t>(g) + 1];
    size.responses += end - begin;
    for (auto r = begin; r < end; ++r)
      size.response_tokens += forest.response_length[static_cast<std::size_t>(r)];
  }
  return size;
}

// Has at least one token to train, and something that gives it a gradient.
bool is_trained(const tree::Forest& forest, const credit::Credit& credit, std::int32_t group,
                const objective::LossOptions& loss) {
  const auto g = static_cast<std::size_t>(group);
  const auto begin = forest.group_response[g], end = forest.group_response[g + 1];
  const auto lengths = std::span(forest.response_length)
                           .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  if (std::all_of(lengths.begin(), lengths.end(), [](std::int32_t length) { return length == 0; }))
    return false;
  if (loss.kl_coefficient != 0 || loss.entropy_coefficient != 0) return true;
  const auto nonzero = [](float value) { return value != 0.0F; };
  return std::any_of(credit.response.begin() + begin, credit.response.begin() + end, nonzero) ||
         std::any_of(credit.node.begin() + forest.group_node[g],
                     credit.node.begin() + forest.group_node[g + 1], nonzero);
}

void add(UpdateReport& total, const UpdateReport& part) {
  total.stats += part.stats;
  total.loss += part.loss;
  total.trained_tokens += part.trained_tokens;
}

using MicroBatches = std::vector<std::vector<std::int32_t>>;

// What each rank computes.
std::vector<MicroBatches> deal(const tree::Forest& forest, std::span<const std::int32_t> groups, int ranks,
                               std::int64_t max_tokens) {
  std::vector<MicroBatches> dealt;
  for (const auto& share : deal_groups(forest, groups, ranks))
    dealt.push_back(micro_batches(forest, share, max_tokens));
  return dealt;
}

// Adds up what the ranks report, in their order.
UpdateReport sum_of(dist::Group& group, const UpdateReport& own) {
  if (group.size() == 1) return own;
  UpdateReport total;
  for (const std::string& bytes : group.exchange(to_wire(own), "loss"))
    add(total, from_wire<UpdateReport>(bytes));
  return total;
}

}  // namespace

std::vector<std::vector<std::int32_t>> micro_batches(const tree::Forest& forest,
                                                     std::span<const std::int32_t> groups,
                                                     std::int64_t max_tokens) {
  const auto size = [&](std::int32_t g) {
    const auto index = static_cast<std::size_t>(g);
    return std::int64_t{forest.group_node[index + 1] - forest.group_node[index]};
  };
  std::vector<std::int32_t> largest_first(groups.begin(), groups.end());
  std::stable_sort(largest_first.begin(), largest_first.end(),
                   [&](std::int32_t a, std::int32_t b) { return size(a) > size(b); });
  std::vector<std::vector<std::int32_t>> batches;
  std::vector<std::int64_t> tokens;
  for (const std::int32_t g : largest_first) {
    const auto fits = std::find_if(tokens.begin(), tokens.end(),
                                   [&](std::int64_t used) { return used + size(g) <= max_tokens; });
    const auto batch = static_cast<std::size_t>(fits - tokens.begin());
    if (fits == tokens.end()) {
      batches.emplace_back();
      tokens.push_back(0);
    }
    batches[batch].push_back(g);
    tokens[batch] += size(g);
  }
  const auto place = [&](std::int32_t g) { return std::find(groups.begin(), groups.end(), g); };
  for (auto& batch : batches) {
    std::sort(batch.begin(), batch.end(),
              [&](std::int32_t a, std::int32_t b) { return place(a) < place(b); });
  }
  return batches;
}

UpdateReport accumulate_gradients(const model::Model& model, const model::Model* reference,
                                  const tree::Forest& forest, const credit::Credit& credit,
                                  const credit::UpdateSize& update, const TrainOptions& options) {
  const auto weights =
      credit::token_weights(forest, options.loss.aggregation, update, options.sampling.max_new_tokens);
  const auto nodes =
      objective::node_batch(forest, credit::fold_credit(forest, credit, weights), model.device());
  const model::SegmentPlan plan = model::plan_forest(forest);
  const objective::LogprobOptions logits{.temperature = options.sampling.temperature};

  const auto keep =
      options.loop.activation_checkpointing ? model::Keep::kLayerInputs : model::Keep::kActivations;

  at::Tensor ref_logp_N;
  if (reference != nullptr) {
    const at::NoGradGuard no_grad;
    ref_logp_N = objective::token_logprobs(reference->hidden(plan), reference->output_weight(), nodes.row,
                                           nodes.target, logits)
                     .logp_N;
  }
  const auto loss = objective::policy_loss(model.hidden(plan, keep), model.output_weight(), nodes, ref_logp_N,
                                           options.loss, logits);
  const double value = loss.value.item<double>();
  TEMPO_CHECK(std::isfinite(value), "update: expected a finite loss, got ", value);
  loss.value.backward();
  return {.stats = loss.stats, .loss = value, .trained_tokens = forest.nodes()};
}

UpdateReport update_weights(const model::Model& model, const model::Model* reference, ShardedAdamW& optimizer,
                            double learning_rate, const tree::Forest& forest, const credit::Credit& credit,
                            std::span<const std::int32_t> groups, const TrainOptions& options,
                            PhaseTimer* timer) {
  PhaseTimer unused;
  PhaseTimer& phases = timer ? *timer : unused;
  const credit::UpdateSize size = update_size(forest, groups);
  std::vector<std::int32_t> trained(groups.begin(), groups.end());
  std::erase_if(trained, [&](std::int32_t g) { return !is_trained(forest, credit, g, options.loss); });

  const auto dealt = deal(forest, trained, optimizer.group().size(), options.loop.micro_batch_tokens);
  const auto most = std::max_element(dealt.begin(), dealt.end(),
                                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
  const MicroBatches& own = dealt[static_cast<std::size_t>(optimizer.group().rank())];
  UpdateReport report;
  optimizer.begin_update(static_cast<std::int64_t>(most->size()));
  for (std::size_t pass = 0; pass < most->size(); ++pass) {
    phases.measure("update", [&] {
      if (pass >= own.size()) return optimizer.add({});
      std::vector<tree::GroupRef> refs;
      for (const std::int32_t g : own[pass]) refs.push_back({&forest, g});
      const auto part = tree::gather_groups(refs);
      const auto part_credit = credit::gather_credit(forest, credit, own[pass]);
      optimizer.add(
          [&] { add(report, accumulate_gradients(model, reference, part, part_credit, size, options)); });
    });
  }
  if (trained.empty()) return report;
  phases.measure("optimizer", [&] {
    report = sum_of(optimizer.group(), report);
    report.grad_norm = optimizer.norm();
    TEMPO_CHECK(std::isfinite(report.grad_norm), "update: expected a finite gradient, got norm ",
                report.grad_norm);
    optimizer.step(learning_rate, optim::clip_scale(report.grad_norm, options.loop.max_grad_norm));
  });
  return report;
}

}  // namespace tempo::train
