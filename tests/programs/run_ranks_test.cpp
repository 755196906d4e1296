// A run of tempo-train is the same on any number of processes, and ends on all of them together.
#include <ATen/ATen.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "programs/run_outcome.h"
#include "tempo/model/model.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace tempo;
using tempo::tests::metrics_of;
using tempo::tests::Workspace;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM;

// AdamW with this epsilon moves a weight by at most rate / epsilon = 1 times the error of its gradient. A
// gradient's sum over some hundred tokens, each below 1, in another order differs by at most some 200 * 2^-24
// = 1.2e-5 a step.
const std::string kTenSteps = "run.yaml train.steps=10 optimizer.epsilon=0.01 ";
constexpr double kWeightTolerance = 10 * 1.2e-5;

double largest_difference(const Workspace& workspace, const std::string& a, const std::string& b) {
  const auto first = model::load_model(workspace.folder() / a / "final", at::kFloat, at::kCPU);
  const auto second = model::load_model(workspace.folder() / b / "final", at::kFloat, at::kCPU);
  double largest = 0;
  for (std::size_t i = 0; i < first.parameters().size(); ++i) {
    const auto difference = first.parameters()[i].tensor - second.parameters()[i].tensor;
    largest = std::max(largest, difference.abs().max().item<double>());
  }
  return largest;
}

void check_metrics(const Workspace& workspace, const std::string& a, const std::string& b) {
  const auto first = metrics_of(workspace, a), second = metrics_of(workspace, b);
  REQUIRE(first.size() == second.size());
  for (std::size_t line = 0; line < first.size(); ++line) {
    const bool is_step = first[line].contains("reward");  // with the bytes that were sent
    REQUIRE(first[line].size() + (is_step ? 1 : 0) == second[line].size());
    for (const auto& [name, value] : first[line].items()) {
      CAPTURE(line, name);
      REQUIRE(value.is_null() == second[line].at(name).is_null());  // nothing was trained
      if (value.is_null()) continue;
      const double x = value.get<double>(), y = second[line].at(name).get<double>();
      CHECK(std::abs(x - y) <= 1e-4 * (1 + std::abs(x)));
    }
  }
}

}  // namespace

TEST_CASE("tempo-train: any number of processes samples the same and learns the same", "[runs]") {
  // Shares of unequal size; a rank without a prompt; refills of fewer prompts than ranks; several updates and
  // micro-batches a step.
  const std::string variant =
      GENERATE("train.prompts_per_step=7", "train.prompts_per_step=3 advantage.estimator=grpo",
               "train.dynamic_sampling=true train.prompts_per_step=5",
               "train.mini_batch_prompts=3 train.updates_per_batch=2 train.micro_batch_tokens=40 "
               "loss.kl_coefficient=0.1",
               "evaluation.samples=3 evaluation.greedy=true evaluation.every=4");
  CAPTURE(variant);
  const Workspace workspace;
  const auto run = [&](int ranks) {
    const std::string folder = "of" + std::to_string(ranks);
    const auto result = workspace.run(kTrain, kTenSteps + variant + " output.folder=" + folder +
                                                  (ranks > 1 ? " --nproc " + std::to_string(ranks) : ""));
    INFO(result.err);
    REQUIRE(result.status == 0);
    return folder;
  };
  const std::string one = run(1);
  for (const int ranks : {2, 3, 4}) {
    const std::string many = run(ranks);
    CAPTURE(ranks);
    CHECK(workspace.read(one + "/completions.jsonl") == workspace.read(many + "/completions.jsonl"));
    CHECK(workspace.read(one + "/evaluations.jsonl") == workspace.read(many + "/evaluations.jsonl"));
    check_metrics(workspace, one, many);
    CHECK(largest_difference(workspace, one, many) < kWeightTolerance);
  }
}

TEST_CASE("tempo-train: processes of different configurations do not start", "[runs]") {
  const Workspace workspace;
  const auto rank = [](const std::string& number) {
    return "RANK=" + number + " LOCAL_RANK=" + number + " " + kTrain + " run.yaml train.seed=" + number;
  };
  const std::string port = std::to_string(20'000 + ::getpid() % 10'000);
  workspace.write("launch.sh", "export WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=" + port + "\n" +
                                   rank("1") + " 2>second &\n" + rank("0") +
                                   "\nstatus=$?\nwait\nexit $status\n");
  const auto result = workspace.run("sh", "launch.sh");
  CHECK(result.status == 1);
  CHECK(result.err ==
        "error: rank 1: expected the same run as rank 0's: train.seed: expected '0', got '1'\n");
  CHECK_FALSE(workspace.exists("out"));
}

TEST_CASE("tempo-train: an error of one process ends all with its line", "[runs]") {
  const Workspace workspace;
  const auto result = workspace.run(kTrain, "run.yaml --nproc 3 model.path=none");
  CHECK(result.status == 1);
  CHECK_THAT(result.err, ContainsSubstring("none"));
  CHECK(workspace.run("pgrep", "-f '[m]odel.path=none'").out.empty());  // nothing is left behind
}

TEST_CASE("tempo-train: a process that is killed or stopped ends all with one line that names it", "[runs]") {
  const std::string signal = GENERATE("KILL", "STOP");
  CAPTURE(signal);
  const Workspace workspace;
  workspace.write("lose.sh", kTrain +
                                 " run.yaml train.steps=1000000 distributed.timeout_s=5 --nproc 3 & pid=$!\n"
                                 "until grep -qs '\"step\":4' out/metrics.jsonl; do sleep 0.05; done\n"
                                 "kill -" +
                                 signal + " $(pgrep -P $pid | tail -n 1); wait $pid\n");
  const auto result = workspace.run("sh", "lose.sh");
  INFO(result.err);
  CHECK(result.status == (signal == "KILL" ? 137 : 1));
  std::istringstream lines(result.err);
  std::vector<std::string> errors;
  for (std::string line; std::getline(lines, line);)
    if (line.find("error") != std::string::npos) errors.push_back(line);
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0], StartsWith("error: rank 2: ") &&
                            (ContainsSubstring(" was in '") || ContainsSubstring(" was after '")));
  CHECK(workspace.run("pgrep", "-f 'distributed.[t]imeout_s=5 --nproc'").out.empty());
  CHECK(workspace.run("pgrep", "-f '[t]rain.steps=1000000 distributed'").out.empty());
}

TEST_CASE("tempo-train: --nproc within a launch of others is refused", "[runs]") {
  const Workspace workspace;
  const auto result =
      workspace.run("RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=127.0.0.1 " + kTrain, "run.yaml --nproc 2");
  CHECK(result.status == 1);
  CHECK(result.err == "error: --nproc: expected to start the processes, got a launch of 2\n");
}
