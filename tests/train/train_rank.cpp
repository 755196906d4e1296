// One rank of a training run: RANK SIZE PORT TIMEOUT_S "PHASE ACTION". The last rank meets the action (kill,
// stop, starve, fail) in the phase (rollout, update, evaluation, checkpoint). "none bytes" prints what an
// update sends and what the formula says; "none nan" has a group whose loss is not a number.
#include <ATen/Parallel.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "tempo/core/error.h"
#include "tempo/train/run.h"
#include "tempo/train/update.h"
#include "train/train_fixtures.h"

using namespace tempo;

namespace {

constexpr int kSecondStep = 2;

void meet(const std::string& action) {
  if (action == "kill") ::kill(::getpid(), SIGKILL);
  if (action == "stop") ::kill(::getpid(), SIGSTOP);
  if (action == "starve") std::this_thread::sleep_for(std::chrono::seconds(60));
  if (action == "fail") core::fail("a disk of another kind");
}

// Starts this program anew with faults in the files that this rank's save of a checkpoint writes.
void start_with_faults(char** argv, const std::filesystem::path& folder, const std::string& kind) {
  if (std::getenv("TEMPO_FAULT_KIND") != nullptr) return;
  ::setenv("LD_PRELOAD", TEMPO_FAULTS_LIBRARY, 1);
  ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  ::setenv("TEMPO_FAULT_FOLDER", folder.c_str(), 1);
  ::setenv("TEMPO_FAULT_AT", "10", 1);
  ::setenv("TEMPO_FAULT_KIND", kind.c_str(), 1);
  ::execv(argv[0], argv);
}

void train_steps(dist::Group& group, const std::string& phase, const std::string& action,
                 const std::filesystem::path& folder) {
  const auto model = testing::tiny_language_model(1);
  const train::Task task = testing::copy_task();
  train::Trainer trainer(model, nullptr, task, testing::tiny_options(), &group);
  const std::vector<train::EvaluationSet> sets{
      {.name = "copy",
       .task = task,
       .options = {.sampling = {.max_new_tokens = 3, .stop_tokens = {testing::kTurnEnd}}}}};
  std::optional<train::RunFolder> run_folder;
  if (group.rank() == 0) run_folder.emplace(folder, "", true);
  train::RunObserver observer;
  const bool is_last = group.rank() == group.size() - 1;
  observer.progress = [&](std::string_view name, std::int64_t, std::int64_t) {
    if (is_last && name == phase && trainer.steps_done() >= kSecondStep) meet(action);
  };
  train::run(trainer,
             {.model = model,
              .task = task,
              .sets = sets,
              .folder = run_folder ? &*run_folder : nullptr,
              .checkpoints = train::RunFolder::checkpoints_in(folder)},
             {.evaluate_every = 1, .checkpoint_every = 2}, observer);
}

struct OneUpdate {
  model::Model model = testing::tiny_language_model(1);
  train::TrainOptions options = testing::tiny_options();
  train::Task task = testing::copy_task();
  train::Batch batch =
      train::roll_out(model, task, std::vector<std::int64_t>{0, 1, 2, 3, 0, 1}, 4, options.sampling, {});
  std::vector<std::int32_t> groups{0, 1, 2, 3, 4, 5};

  OneUpdate() {
    for (std::int32_t r = 0; r < batch.forest.responses(); ++r)
      batch.rewards.push_back(r % 4 == 0 ? 1.0F : 0.0F);
  }
};

void print_bytes(dist::Group& group) {
  OneUpdate update;
  update.options.loop.micro_batch_tokens = 1;  // a group each
  train::ShardedAdamW optimizer(update.model, {}, &group);
  const auto credit = credit::assign_credit(update.batch.forest, update.batch.rewards, {});
  const std::int64_t before = group.bytes_sent();
  train::update_weights(update.model, nullptr, optimizer, 0.01, update.batch.forest, credit, update.groups,
                        update.options);
  const std::int64_t sent = group.bytes_sent() - before, size = group.size();
  // The groups of a rank; the report of the loss is exchanged behind its length; and the norm is summed.
  const std::int64_t passes = static_cast<std::int64_t>(update.groups.size()) / size;
  const std::int64_t report =
      size * std::int64_t{sizeof(std::int64_t) + sizeof(train::UpdateReport)} * (size - 1) / size;
  const std::int64_t norm = 2 * std::int64_t{sizeof(double)} * (size - 1) / size;
  std::cout << "sent " << sent << " formula " << optimizer.bytes_per_update(passes) + report + norm
            << std::endl;
}

void update_of_nan(dist::Group& group) {
  OneUpdate update;
  train::ShardedAdamW optimizer(update.model, {}, &group);
  const auto credit = credit::assign_credit(update.batch.forest, update.batch.rewards, {});
  tree::Forest& forest = update.batch.forest;
  forest.old_logp[static_cast<std::size_t>(forest.group_node[1]) - 1] =
      std::numeric_limits<float>::quiet_NaN();
  const auto before = testing::copy_of_weights(update.model);
  try {
    train::update_weights(update.model, nullptr, optimizer, 0.01, update.batch.forest, credit, update.groups,
                          update.options);
  } catch (const Error& error) {
    std::cout << "weights are "
              << (testing::equal_bits(before, testing::copy_of_weights(update.model)) ? "kept" : "changed")
              << std::endl;
    throw;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  at::set_num_threads(1);
  dist::GroupOptions options{.rank = std::stoi(argv[1]),
                             .size = std::stoi(argv[2]),
                             .port = std::stoi(argv[3]),
                             .timeout_s = std::stod(argv[4])};
  std::string phase, action;
  std::istringstream(argv[5]) >> phase >> action;
  const auto folder =
      std::filesystem::temp_directory_path() / core::concat("tempo-train-ranks-", options.port);
  if (phase == "checkpoint" && options.rank == options.size - 1) start_with_faults(argv, folder, action);
  options.on_failure = [](const std::string& line) {
    std::cout << "told: " << line << std::endl;
    std::_Exit(1);
  };
  dist::Group group(options);
  int status = 0;
  try {
    if (action == "bytes") {
      print_bytes(group);
    } else if (action == "nan") {
      update_of_nan(group);
    } else {
      train_steps(group, phase, action, folder);
    }
  } catch (const Error& error) {
    std::cout << "error: " << error.what() << std::endl;
    group.report_failure(error.what());
    status = 1;
  }
  if (options.rank == 0) std::filesystem::remove_all(folder);
  std::_Exit(status);
}
