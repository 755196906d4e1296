// tempo-train: trains a model on a task, from a YAML configuration.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/byte_size.h"
#include "common/data_report.h"
#include "common/evaluation_setup.h"
#include "common/program.h"
#include "common/run_config.h"
#include "common/setup.h"
#include "tempo/core/error.h"
#include "tempo/train/run.h"
#include "tempo_train/console.h"
#include "tempo_train/plan.h"

namespace {

using tempo::common::RunConfig;
namespace common = tempo::common;
namespace train = tempo::train;

constexpr const char* kFooter = R"(
Examples:
  tempo-train examples/quickstart.yaml
  tempo-train examples/math_smollm2.yaml train.steps=20 advantage.estimator=grpo output.folder=runs/grpo
  tempo-train examples/math.yaml --plan --memory 64GiB

Writes to output.folder: config.yaml (every key with its value), metrics.jsonl, completions.jsonl,
evaluations.jsonl and final/, a Hugging Face folder with the trained weights and the tokenizer.
docs/configuration.md explains the keys, docs/metrics.md the metrics.)";

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  bool plan = false;
  std::string memory;  // empty: the machine's
};

std::string check_size(const std::string& text) {
  if (common::parse_bytes(text)) return "";
  return "expected a size such as 16GiB or 512MiB, got '" + text + "'";
}

std::int64_t memory_of(const Arguments& arguments) {
  if (!arguments.memory.empty()) return *common::parse_bytes(arguments.memory);
  const std::int64_t memory = common::physical_memory();
  TEMPO_CHECK(memory > 0, "--plan: expected --memory SIZE, as the system does not tell its own");
  return memory;
}

void run(const Arguments& arguments) {
  const std::string& file = arguments.file;
  RunConfig config;
  tempo::config::Document document = tempo::config::load(file, arguments.overrides);
  document.read([&](tempo::config::Reader& reader) {
    common::bind(reader, config);
    reader.validate(config.train);
  });
  TEMPO_CHECK(!config.data.train.empty(), file, ": data.train: expected a file, got nothing");
  common::prepare_process(config.model.threads);

  train::Task task = common::open_training_task(config);
  const auto sets = common::open_sets(config);
  std::vector<const train::Task*> evaluations;
  for (const auto& set : sets) evaluations.push_back(&set.task);
  const auto duplicates = common::settle_duplicates(task, evaluations, config.data.duplicates);
  if (arguments.plan) return tempo::programs::print_plan(config, task, sets, memory_of(arguments));

  common::set_stop_tokens(config, task);
  const auto model = common::open_model(config.model.path, config.model);
  std::optional<tempo::model::Model> reference;
  if (config.train.loss.kl_coefficient > 0) {
    reference.emplace(
        common::open_model(config.reference.empty() ? config.model.path : config.reference, config.model));
  }
  common::check_fit(model.config(), sets);
  train::Trainer trainer(model, reference ? &*reference : nullptr, task, config.train);
  train::RunFolder folder(config.output.folder, document.resolved(), config.output.overwrite);

  tempo::programs::Console console(trainer.total_steps());
  console.begin(config, model, task, sets, duplicates);
  const auto summary = train::run(trainer, model, task, sets, folder, config.run, console.observer(sets));
  console.end(summary, sets, folder);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains a language model by reinforcement learning on verifiable rewards.", "tempo-train");
  Arguments arguments;
  app.add_option("config", arguments.file, "YAML configuration")->required()->type_name("CONFIG.yaml");
  app.add_option("overrides", arguments.overrides, "Values that replace the file's, such as train.steps=20")
      ->type_name("KEY=VALUE");
  CLI::Option* const plan =
      app.add_flag("--plan", arguments.plan,
                   "Only print the peak memory that the run will need, part by part, and what fits");
  app.add_option("--memory", arguments.memory, "Memory that the run may use (default: the machine's)")
      ->type_name("SIZE")
      ->check(check_size)
      ->needs(plan);
  app.footer(kFooter);
  return common::run_program(app, argc, argv, [&] { run(arguments); });
}
