// tempo-train: trains a model on a task, from a YAML configuration.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/byte_size.h"
#include "common/children.h"
#include "common/data_report.h"
#include "common/evaluation_setup.h"
#include "common/launch.h"
#include "common/process_group.h"
#include "common/program.h"
#include "common/run_config.h"
#include "common/run_identity.h"
#include "common/setup.h"
#include "common/stop_signals.h"
#include "tempo/core/error.h"
#include "tempo/io/folder_lock.h"
#include "tempo/train/run.h"
#include "tempo_train/console.h"
#include "tempo_train/plan.h"
#include "tempo_train/resume.h"

namespace {

using tempo::common::RunConfig;
namespace common = tempo::common;
namespace programs = tempo::programs;
namespace train = tempo::train;

constexpr const char* kFooter = R"(
Examples:
  tempo-train examples/quickstart.yaml
  tempo-train examples/math_smollm2.yaml train.steps=20 advantage.estimator=grpo output.folder=runs/grpo
  tempo-train examples/math.yaml --plan --memory 64GiB
  tempo-train examples/math.yaml --nproc 8

Writes to output.folder: config.yaml (every key with its value), metrics.jsonl, completions.jsonl,
evaluations.jsonl, checkpoints/ and final/, a Hugging Face folder with the trained weights and the tokenizer.
docs/configuration.md explains the keys, docs/metrics.md the metrics, docs/scaling.md many processes.

SIGTERM or Ctrl-C ends a run with a checkpoint and exit status 75; the same command goes on with it.)";

struct Arguments {
  std::string file;
  std::vector<std::string> overrides;
  bool plan = false;
  std::string memory;  // empty: the machine's
  int processes = 1;
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

int run_processes(const Arguments& arguments) {
  common::Children children{.count = arguments.processes, .stop_status = common::kStoppedStatus};
  children.command.push_back(std::filesystem::read_symlink("/proc/self/exe").string());
  children.command.push_back(arguments.file);
  children.command.insert(children.command.end(), arguments.overrides.begin(), arguments.overrides.end());
  return common::run_children(children);
}

// What rank 0 has found, on all ranks; notes stay with it.
programs::Beginning share(tempo::dist::Group& group, programs::Beginning found) {
  const std::string own = found.point ? found.point->checkpoint.string() : "";
  const std::string path = group.exchange(own, "checkpoint")[0];
  if (group.rank() > 0 && !path.empty()) found.point = {path, train::read_checkpoint_state(path)};
  return found;
}

// The work of one rank. Returns the exit status.
int train_model(const Arguments& arguments, tempo::config::Document& document, RunConfig& config,
                tempo::dist::Group& group) {
  train::Task task = common::open_training_task(config);
  const auto sets = common::open_sets(config);
  std::vector<const train::Task*> evaluations;
  for (const auto& set : sets) evaluations.push_back(&set.task);
  const auto duplicates = common::settle_duplicates(task, evaluations, config.data.duplicates);
  if (arguments.plan) {
    programs::print_plan(config, task, sets, std::max(arguments.processes, group.size()),
                         memory_of(arguments));
    return 0;
  }
  const train::RunIdentity identity = common::identity_of(document.resolved(), task);
  common::check_same_on_ranks(group, identity);

  common::set_stop_tokens(config, task);
  const auto model = common::open_model(config.model.path, config.model);
  std::optional<tempo::model::Model> reference;
  if (config.train.loss.kl_coefficient > 0) {
    reference.emplace(
        common::open_model(config.reference.empty() ? config.model.path : config.reference, config.model));
  }
  common::check_fit(model.config(), sets);
  train::Trainer trainer(model, reference ? &*reference : nullptr, task, config.train, &group);

  const bool writes = group.rank() == 0;
  std::optional<tempo::io::FolderLock> lock;
  std::optional<train::RunFolder> folder;
  programs::Beginning beginning;
  if (writes) {
    lock.emplace(config.output.folder);
    beginning = programs::find_beginning(config, identity, trainer.total_steps());
    if (beginning.point) {
      folder.emplace(config.output.folder, document.resolved(), beginning.point->state.logs);
    } else {
      folder.emplace(config.output.folder, document.resolved(), beginning.replaces);
    }
  }
  beginning = share(group, std::move(beginning));

  const train::RunParts parts{.model = model,
                              .task = task,
                              .sets = sets,
                              .folder = folder ? &*folder : nullptr,
                              .checkpoints = train::RunFolder::checkpoints_in(config.output.folder),
                              .identity = identity};
  const std::int64_t first_step = beginning.point ? beginning.point->state.trainer.step : 0;
  programs::Console console(first_step, trainer.total_steps());
  if (writes) console.begin(config, model, task, sets, duplicates, group.size(), beginning.notes);
  const auto summary =
      train::run(trainer, parts, config.run, writes ? console.observer(sets) : train::RunObserver{},
                 beginning.point ? &*beginning.point : nullptr, common::stop_requested);
  if (writes) console.end(summary, sets, *folder);
  return summary.stopped ? common::kStoppedStatus : 0;
}

int run(const Arguments& arguments) {
  RunConfig config;
  tempo::config::Document document = tempo::config::load(arguments.file, arguments.overrides);
  document.read([&](tempo::config::Reader& reader) {
    common::bind(reader, config);
    reader.validate(config.train);
  });
  TEMPO_CHECK(!config.data.train.empty(), arguments.file, ": data.train: expected a file, got nothing");
  const common::Launch launch = common::read_launch();
  if (arguments.processes > 1 && !arguments.plan) {
    TEMPO_CHECK(launch.size == 1, "--nproc: expected to start the processes, got a launch of ", launch.size);
    return run_processes(arguments);
  }
  common::catch_stop_signals();
  common::place_process(launch, config.model);
  common::prepare_process(config.model.threads);
  tempo::dist::Group group = common::meet(launch, config.model, config.distributed);
  int status = 0;
  common::run_as_rank(group, [&] { status = train_model(arguments, document, config, group); });
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains a language model by reinforcement learning on verifiable rewards.", "tempo-train");
  Arguments arguments;
  app.add_option("config", arguments.file, "YAML configuration")->required()->type_name("CONFIG.yaml");
  app.add_option("overrides", arguments.overrides, "Values that replace the file's, such as train.steps=20")
      ->type_name("KEY=VALUE");
  app.add_option("--nproc", arguments.processes,
                 "Processes to train with on this machine, on GPUs one each (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  CLI::Option* const plan = app.add_flag("--plan", arguments.plan,
                                         "Only print the peak memory that the run will need, each process "
                                         "with --nproc, part by part, and what fits");
  app.add_option("--memory", arguments.memory, "Memory that the run may use (default: the machine's)")
      ->type_name("SIZE")
      ->check(check_size)
      ->needs(plan);
  app.footer(kFooter);
  int status = 0;
  const int failure = common::run_program(app, argc, argv, [&] { status = run(arguments); });
  return failure != 0 ? failure : status;
}
