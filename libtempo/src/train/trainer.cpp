#include "tempo/train/trainer.h"

#include <algorithm>
#include <numeric>

#include "ranks.h"
#include "report.h"
#include "tempo/core/error.h"
#include "tempo/train/update.h"

namespace tempo::train {
namespace {

// Appends the groups of a batch that have a gradient, as long as there are fewer than `limit`.
void keep_signal(const Batch& batch, std::size_t limit, std::vector<BatchGroup>& kept) {
  for (std::int32_t g = 0; g < batch.groups() && kept.size() < limit; ++g) {
    if (has_signal(batch, g)) kept.push_back({&batch, g});
  }
}

// Returns groups 0 .. count-1 cut into mini-batches of `size`; 0: all in one.
std::vector<std::vector<std::int32_t>> mini_batches(std::int32_t count, std::int32_t size) {
  std::vector<std::vector<std::int32_t>> batches;
  const std::int32_t step = size > 0 ? size : std::max(count, 1);
  for (std::int32_t begin = 0; begin < count; begin += step) {
    batches.emplace_back(static_cast<std::size_t>(std::min(step, count - begin)));
    std::iota(batches.back().begin(), batches.back().end(), begin);
  }
  return batches;
}

}  // namespace

Trainer::Trainer(const model::Model& model, const model::Model* reference, const Task& task,
                 const TrainOptions& options, dist::Group* group)
    : model_(model),
      reference_(reference),
      task_(task),
      options_((options.validate(), options)),
      optimizer_(model, options.optimizer, group),
      order_(task.order(options.loop.seed, options.loop.shuffle)),
      total_steps_(options.loop.total_steps(task.size())) {
  TEMPO_CHECK(options.loss.kl_coefficient == 0 || reference != nullptr,
              "kl_coefficient: expected a reference model, got none");
  TEMPO_CHECK(reference == nullptr || reference->config().vocab_size == model.config().vocab_size,
              "reference: expected the model's vocabulary of ", model.config().vocab_size, " tokens, got ",
              reference->config().vocab_size);
  check_fit(model.config(), task, options.sampling);
}

StepReport Trainer::step(const PhaseProgress& progress, const StopRequest& stop) {
  PhaseTimer timer;
  const TrainerState before = state_;
  const std::int64_t sent_before = optimizer_.group().bytes_sent();
  StepReport report;
  try {
    report = collect(timer, [&](std::int64_t ended, std::int64_t total) {
      if (stop && stop()) throw Stopped();
      if (progress) progress("rollout", ended, total);
    });
  } catch (const Stopped&) {
    state_ = before;
    throw;
  }
  const tree::Forest& forest = report.batch.forest;
  report.credit = timer.measure(
      "credit", [&] { return credit::assign_credit(forest, report.batch.rewards, options_.advantage); });

  std::vector<UpdateReport> updates;
  const double rate = learning_rate();
  for (std::int32_t pass = 0; pass < options_.loop.updates_per_batch; ++pass) {
    for (const auto& groups : mini_batches(report.batch.groups(), options_.loop.mini_batch_prompts)) {
      if (progress)
        progress("update", static_cast<std::int64_t>(updates.size()), options_.loop.updates_per_step());
      updates.push_back(update_weights(model_, reference_, optimizer_, learning_rate(), forest, report.credit,
                                       groups, options_, &timer));
      ++state_.updates;
    }
  }
  ++state_.step;
  state_.num_tokens += sampled_tokens(forest);
  report.metrics.set("step", static_cast<double>(state_.step));
  report.metrics.set("epoch", static_cast<double>(state_.cursor) / static_cast<double>(task_.size()));
  add_batch_metrics(report.batch, task_.reward(), report.sampled_prompts, report.metrics);
  add_set_metrics(report.batch, task_, report.metrics);
  add_failure_metrics(task_.reward(), report.failures, report.metrics);
  add_update_metrics(updates, report.metrics);
  report.metrics.set("learning_rate", rate);
  report.metrics.set("num_tokens", static_cast<double>(state_.num_tokens));
  add_tree_metrics(forest, report.metrics);
  if (optimizer_.group().size() > 1)
    report.metrics.set("dist/sent_bytes", static_cast<double>(optimizer_.group().bytes_sent() - sent_before));
  add_time_metrics(timer, report.metrics);
  return report;
}

// With dynamic sampling, prompts are drawn until enough groups have a gradient or the refills are used up.
StepReport Trainer::collect(PhaseTimer& timer, const rollout::Progress& sampled) {
  const std::int64_t wanted = options_.loop.prompts_per_step;
  StepReport report;
  report.failures.resize(task_.reward().terms().size());
  Batch first = sample_next(wanted, report, timer, sampled);
  if (!options_.loop.dynamic_sampling) {
    report.batch = std::move(first);
    return report;
  }
  std::vector<Batch> rounds;
  rounds.reserve(static_cast<std::size_t>(options_.loop.max_refills) + 1);  // kept groups point into it
  rounds.push_back(std::move(first));
  std::vector<BatchGroup> kept;
  keep_signal(rounds.back(), static_cast<std::size_t>(wanted), kept);
  for (std::int32_t refill = 0; refill < options_.loop.max_refills; ++refill) {
    const auto missing = wanted - static_cast<std::int64_t>(kept.size());
    if (missing == 0) break;
    rounds.push_back(sample_next(missing, report, timer, sampled));
    keep_signal(rounds.back(), static_cast<std::size_t>(wanted), kept);
  }
  report.batch = gather(kept);
  return report;
}

// Adds what was sampled to the report.
Batch Trainer::sample_next(std::int64_t prompts, StepReport& report, PhaseTimer& timer,
                           const rollout::Progress& sampled) {
  const auto examples = order_.take(state_.cursor, prompts);
  state_.cursor += prompts;
  dist::Group& group = optimizer_.group();
  const Share share = share_of(prompts, group);
  const auto own = std::span(examples).subspan(static_cast<std::size_t>(share.begin),
                                               static_cast<std::size_t>(share.end - share.begin));
  Batch batch = exchange_batches(
      group, [&] { return sample_share(own, report.sampled_prompts + share.begin, timer, sampled); }, &timer);
  report.sampled_prompts += prompts;
  reward::count_failures(batch.scores, report.failures);
  return batch;
}

// first_prompt: of the step, whichever rank samples it: it keys the draws.
Batch Trainer::sample_share(std::span<const std::int64_t> examples, std::int64_t first_prompt,
                            PhaseTimer& timer, const rollout::Progress& sampled) const {
  if (examples.empty()) return {};
  const rollout::SamplingKey key{.seed = options_.loop.seed,
                                 .step = static_cast<std::uint32_t>(state_.step),
                                 .first_prompt = static_cast<std::uint32_t>(first_prompt)};
  Batch batch = timer.measure("rollout", [&] {
    return roll_out(model_, task_, examples, options_.loop.responses_per_prompt, options_.sampling, key,
                    sampled);
  });
  timer.measure("reward", [&] { score_responses(task_, batch); });
  return batch;
}

double Trainer::learning_rate() const {
  const std::int64_t total = total_steps_ * options_.loop.updates_per_step();
  return options_.optimizer.learning_rate * optim::schedule_factor(options_.schedule, state_.updates, total);
}

}  // namespace tempo::train
