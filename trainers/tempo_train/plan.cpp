#include "tempo_train/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "common/byte_size.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/model/parameter_count.h"
#include "tempo/model/products.h"
#include "tempo/train/batch.h"
#include "tempo/train/memory_plan.h"

namespace tempo::programs {
namespace {

using common::format_bytes;
using train::MemoryInputs;
using train::MemoryPlan;

std::int64_t longest_prompt(const train::Task& task) {
  std::size_t longest = 0;
  for (std::int64_t i = 0; i < task.size(); ++i) longest = std::max(longest, task.prompt(i).size());
  return static_cast<std::int64_t>(longest);
}

MemoryInputs inputs_of(const common::RunConfig& config, const train::Task& task,
                       std::span<const train::EvaluationSet> sets, int ranks) {
  MemoryInputs inputs{.model = model::read_config(config.model.path),
                      .dtype = config.model.dtype,
                      .save_dtype = config.run.save_dtype,
                      .train = config.train,
                      .ranks = ranks,
                      .longest_prompt = longest_prompt(task)};
  train::check_fit(inputs.model, task, config.train.sampling);
  if (config.train.loss.kl_coefficient > 0)
    inputs.reference = config.reference.empty() ? inputs.model : model::read_config(config.reference);
  for (const train::EvaluationSet& set : sets) {
    train::check_fit(inputs.model, set.task, set.options.sampling);
    inputs.evaluations.push_back(
        {.problems = set.task.size(), .longest_prompt = longest_prompt(set.task), .options = set.options});
  }
  // Now, with tokenizer and data read, and no weights.
  if (const std::int64_t resident = common::resident_memory(); resident > 0) inputs.program = resident;
  const at::Tensor sample = at::empty({64, 64}, at::TensorOptions().dtype(config.model.dtype));
  inputs.packs = model::PackedMatrix::bytes_of_weight(sample) > 0;
  return inputs;
}

void print_row(std::string_view name, std::int64_t bytes, std::string_view how = "") {
  if (bytes > 0) fmt::print("  {:<24}{:>12}   {}\n", name, format_bytes(bytes), how);
}

void print_total(std::string_view name, std::int64_t bytes, std::string_view how = "") {
  fmt::print("{:<26}{:>12}   {}\n", name, format_bytes(bytes), how);
}

void print_run(const common::RunConfig& config, const MemoryInputs& inputs, const MemoryPlan& plan) {
  const train::LoopOptions& loop = inputs.train.loop;
  fmt::print("model   {}: {:.1f} M parameters, {}\n", config.model.path.string(),
             static_cast<double>(model::parameter_count(inputs.model).all) / 1e6,
             inputs.dtype == at::kFloat ? "float32" : "bfloat16");
  fmt::print(
      "tokens  group: at most {} (longest prompt {} + {} x {}), update: at most {}, micro-batch: at most "
      "{}\n",
      plan.update.group_tokens, inputs.longest_prompt, loop.responses_per_prompt,
      inputs.train.sampling.max_new_tokens, plan.update.update_tokens, plan.update.tokens);
}

void print_held(const MemoryPlan& plan, std::int64_t parameters) {
  const auto each = [&](std::int64_t bytes) {
    return fmt::format("{} bytes a parameter", bytes / parameters);
  };
  fmt::print("\nall the time\n");
  print_row("weights", plan.weights, each(plan.weights));
  print_row("master weights", plan.master_weights, each(plan.master_weights));
  print_row("moments", plan.moments, each(plan.moments));
  print_row("reference model", plan.reference);
  print_row("program", plan.program, "libraries, tokenizer and data, as they are in memory now");
}

void print_sampling(std::string_view name, const train::SamplingMemory& sampling) {
  const std::int64_t slots = std::max<std::int64_t>(sampling.slots, 1);
  fmt::print("{}\n", name);
  print_row("packed weights", sampling.packed_weights, "in pages of their own");
  print_row("key-value cache", sampling.cache,
            fmt::format("at most: {} groups at a time x {} tokens x {}", sampling.groups,
                        slots / sampling.groups, format_bytes(sampling.cache / slots)));
  print_row("one call of the model", sampling.work, "and logits");
}

void print_update(const train::UpdateMemory& update, bool checkpointing) {
  fmt::print("updating\n");
  print_row("activations", update.activations,
            fmt::format("at most: {} tokens x {}{}", update.tokens,
                        format_bytes(update.activations / update.tokens),
                        checkpointing ? ", with checkpointing" : ""));
  print_row("one layer's gradients", update.layer_work);
  print_row("output layer", update.output_layer, "logits of 512 rows, its matrix packed twice, its gradient");
  print_row("gradients", update.gradients, update.in_parts ? "of the micro-batches before and this one" : "");
  print_row("gaps", update.gaps, "between freed blocks, as measured");
}

void print_peaks(const MemoryPlan& plan, std::int64_t memory) {
  fmt::print("\n");
  print_total("sampling, at most", plan.sampling_peak(), "after updates have given their memory back");
  print_total("updating, at most", plan.update_peak());
  if (plan.saving > 0) print_total("saving", plan.saving_peak(), "with a float32 copy of the weights");
  print_total(
      "peak of the run, at most", plan.peak(),
      fmt::format("{} {}", plan.peak() <= memory ? "fits into" : "DOES NOT FIT into", format_bytes(memory)));
}

// Returns the biggest micro-batch with checkpointing on or off.
std::int64_t most_tokens(MemoryInputs inputs, bool checkpointing, std::int64_t memory) {
  inputs.train.loop.activation_checkpointing = checkpointing;
  return train::most_micro_batch_tokens(inputs, memory);
}

// Returns the least peak with any micro_batch_tokens: of one group each, or of whole updates, which have no
// gradients of micro-batches before.
MemoryPlan least_plan(MemoryInputs inputs) {
  inputs.train.loop.micro_batch_tokens = 1;
  const MemoryPlan groups = train::plan_memory(inputs);
  inputs.train.loop.micro_batch_tokens = groups.update.update_tokens;
  const MemoryPlan whole = train::plan_memory(inputs);
  return whole.peak() < groups.peak() ? whole : groups;
}

void print_most_tokens(const MemoryInputs& inputs, std::int64_t memory) {
  const std::int64_t update_tokens = train::plan_memory(inputs).update.update_tokens;
  fmt::print("\nbiggest train.micro_batch_tokens in {}\n", format_bytes(memory));
  for (const bool checkpointing : {false, true}) {
    const std::int64_t most = most_tokens(inputs, checkpointing, memory);
    std::string text = fmt::format("{}", most);
    if (most == 0) text = "none: not even one group fits";
    if (most == update_tokens) text = fmt::format("{} or more: the whole update fits", most);
    fmt::print("  activation_checkpointing={:<7}{}\n", checkpointing, text);
  }
}

struct Change {
  std::string what;
  std::function<void(MemoryInputs&)> make;
};

std::vector<Change> changes_of(const MemoryInputs& inputs) {
  const train::TrainOptions& train = inputs.train;
  std::vector<Change> changes;
  if (!train.loop.activation_checkpointing)
    changes.push_back({"train.activation_checkpointing=true",
                       [](MemoryInputs& in) { in.train.loop.activation_checkpointing = true; }});
  if (inputs.dtype == at::kFloat)
    changes.push_back({"model.dtype=bfloat16", [](MemoryInputs& in) { in.dtype = at::kBFloat16; }});
  if (inputs.reference)
    changes.push_back({"loss.kl_coefficient=0", [](MemoryInputs& in) { in.reference.reset(); }});
  const std::int32_t tokens = train.sampling.max_new_tokens / 2,
                     responses = train.loop.responses_per_prompt / 2;
  if (tokens > 0)
    changes.push_back({fmt::format("sampling.max_new_tokens={}", tokens), [=](MemoryInputs& in) {
                         in.train.sampling.max_new_tokens = tokens;
                         for (auto& evaluation : in.evaluations)
                           evaluation.options.sampling.max_new_tokens = tokens;
                       }});
  if (responses > 1)
    changes.push_back({fmt::format("train.responses_per_prompt={}", responses),
                       [=](MemoryInputs& in) { in.train.loop.responses_per_prompt = responses; }});
  const std::int32_t concurrent = train.sampling.max_concurrent_responses / 4;
  if (concurrent > 0)
    changes.push_back(
        {fmt::format("sampling.max_concurrent_responses={}", concurrent), [=](MemoryInputs& in) {
           in.train.sampling.max_concurrent_responses = concurrent;
           for (auto& evaluation : in.evaluations)
             evaluation.options.sampling.max_concurrent_responses = concurrent;
         }});
  return changes;
}

// Each change alone, in the order of what it saves; then all of them.
void print_what_helps(const MemoryInputs& inputs, std::int64_t memory) {
  const std::int64_t peak = least_plan(inputs).peak();
  fmt::print("\nwith the best train.micro_batch_tokens the peak is {}, {} too much; with one change more\n",
             format_bytes(peak), format_bytes(peak - memory));
  const auto line = [&](std::string_view what, const MemoryInputs& changed) {
    const std::int64_t now = least_plan(changed).peak();
    if (now < peak) fmt::print("  {:<40}{:>12}{}\n", what, format_bytes(now), now <= memory ? "  fits" : "");
  };
  MemoryInputs all = inputs;
  for (const Change& change : changes_of(inputs)) {
    MemoryInputs changed = inputs;
    change.make(changed);
    change.make(all);
    line(change.what, changed);
  }
  line("all of these", all);
  const MemoryPlan least = least_plan(all);
  if (least.held() > memory)
    fmt::print("the model alone takes {}: a smaller one is needed\n", format_bytes(least.held()));
}

}  // namespace

void print_plan(const common::RunConfig& config, const train::Task& task,
                std::span<const train::EvaluationSet> sets, int ranks, std::int64_t memory) {
  TEMPO_CHECK(common::parse_device(config.model.device).is_cpu(), "--plan: expected model.device cpu, got ",
              config.model.device);
  const MemoryInputs inputs = inputs_of(config, task, sets, ranks);
  const MemoryPlan plan = train::plan_memory(inputs);
  print_run(config, inputs, plan);
  print_held(plan, model::parameter_count(inputs.model).all);
  print_sampling("sampling", plan.rollout);
  if (plan.evaluation) print_sampling("sampling of evaluations", *plan.evaluation);
  print_update(plan.update, inputs.train.loop.activation_checkpointing);
  print_peaks(plan, memory);
  print_most_tokens(inputs, memory);
  const bool checkpointing = inputs.train.loop.activation_checkpointing;
  if (most_tokens(inputs, checkpointing, memory) == 0) print_what_helps(inputs, memory);
}

}  // namespace tempo::programs
