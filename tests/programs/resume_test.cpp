// tempo-train goes on where it was interrupted, with the same bits.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>

#include "programs/run_outcome.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::CommandResult;
using tempo::tests::differences;
using tempo::tests::newest_step;
using tempo::tests::outcome_of;
using tempo::tests::Workspace;
using Names = std::vector<std::string>;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM;
const std::string kRun = "run.yaml evaluation.every=7 ";

std::string with_ranks(int ranks) { return ranks > 1 ? " --nproc " + std::to_string(ranks) : ""; }

std::string steps(int count) { return "train.steps=" + std::to_string(count) + " "; }

CommandResult train(const Workspace& workspace, const std::string& arguments,
                    const std::string& before = "") {
  return workspace.run(before + kTrain, kRun + arguments);
}

// Trains to the end.
CommandResult finish(const Workspace& workspace, const std::string& arguments) {
  auto result = train(workspace, arguments);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result;
}

// Starts a run without an end in `folder`, has it stopped by the signal after some steps, and returns the
// step it came to.
int stop_after_steps(const Workspace& workspace, const std::string& folder, const std::string& arguments = "",
                     const std::string& signal = "TERM") {
  workspace.write("stop.sh", kTrain + " " + kRun + steps(1'000'000) + arguments + " output.folder=" + folder +
                                 " & pid=$!\n"
                                 "while kill -0 $pid && ! grep -qs '\"step\":4' " +
                                 folder + "/metrics.jsonl; do sleep 0.05; done\nkill -" + signal +
                                 " $pid; wait $pid\n");
  const auto result = workspace.run("sh", "stop.sh");
  INFO(result.err);
  REQUIRE(result.status == 75);
  const auto place = result.out.find("stopped after ");
  REQUIRE(place != std::string::npos);
  return std::stoi(result.out.substr(place + 14));
}

}  // namespace

TEST_CASE("tempo-train: killed at any moment, it goes on to the same bits", "[runs]") {
  const int ranks = GENERATE(1, 2);
  const Workspace workspace;
  const std::string arguments = "output.checkpoint_every=1" + with_ranks(ranks);
  const unsigned seed = std::random_device{}();
  CAPTURE(ranks, seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> moment(0.3, 1.1);  // seconds
  for (int kill = 0; kill < 5; ++kill) {
    const auto result = train(workspace, steps(1'000'000) + arguments + " output.folder=killed",
                              "timeout -s KILL " + std::to_string(moment(random)) + " ");
    INFO(result.err);
    REQUIRE(result.status == 137);
  }
  const std::string to_the_end = steps(newest_step(workspace, "killed") + 3) + arguments;
  finish(workspace, to_the_end + " output.folder=killed");
  finish(workspace, to_the_end + " output.folder=once");
  CHECK(differences(outcome_of(workspace, "once"), outcome_of(workspace, "killed")) == Names{});
}

TEST_CASE("tempo-train: stopped by a signal, it exits with 75 and goes on to the same bits", "[runs]") {
  const int ranks = GENERATE(1, 3);
  const std::string signal = GENERATE("TERM", "INT");
  CAPTURE(ranks, signal);
  const Workspace workspace;
  const int step = stop_after_steps(workspace, "stopped", with_ranks(ranks), signal);
  const std::string to_the_end = steps(step + 3) + with_ranks(ranks);
  const auto result = finish(workspace, to_the_end + " output.folder=stopped");
  CHECK_THAT(result.out, ContainsSubstring("goes on from stopped/checkpoints/step-" + std::to_string(step)));
  finish(workspace, to_the_end + " output.folder=once");
  CHECK(differences(outcome_of(workspace, "once"), outcome_of(workspace, "stopped")) == Names{});
}

TEST_CASE("tempo-train: a second signal ends it at once", "[runs]") {
  const Workspace workspace;
  workspace.write("slow.sh", "while read -r line; do sleep 30; done\n");
  workspace.write("twice.sh",
                  kTrain + " " + kRun +
                      "'rewards=[{kind: command, command: [sh, slow.sh], timeout_s: 60}]' & pid=$!\n"
                      "sleep 1.5; kill -TERM $pid; sleep 0.8; kill -TERM $pid; wait $pid\n");
  const auto result = workspace.run("sh", "twice.sh");
  CHECK(result.status == 128 + 15);
  CHECK_THAT(result.err, ContainsSubstring("stopping after a checkpoint (again: at once)"));
}

TEST_CASE("tempo-train: goes on with another number of processes", "[runs]") {
  const Workspace workspace;
  const std::string arguments = "evaluation.data= output.checkpoint_every=1 output.folder=";
  const int step = stop_after_steps(workspace, "changed", "evaluation.data= --nproc 2");
  finish(workspace, steps(step + 1) + arguments + "changed --nproc 3");
  finish(workspace, steps(step + 3) + arguments + "changed");
  finish(workspace, steps(step + 3) + arguments + "once");
  CHECK(workspace.read("once/completions.jsonl") == workspace.read("changed/completions.jsonl"));
  CHECK(workspace.lines("once/metrics.jsonl").size() == workspace.lines("changed/metrics.jsonl").size());
}

TEST_CASE("tempo-train: a damaged checkpoint is told and left out for the one before", "[runs]") {
  const std::string damage =
      GENERATE("printf x | dd of=shard-0-of-1.safetensors bs=1 seek=9000 conv=notrunc",
               "truncate -s -1 shard-0-of-1.safetensors", "rm state.json", "echo {} >manifest.json");
  CAPTURE(damage);
  const Workspace workspace;
  const std::string arguments = "output.checkpoint_every=1 output.folder=";
  finish(workspace, steps(6) + arguments + "once");
  finish(workspace, steps(4) + arguments + "damaged");
  workspace.run("cd damaged/checkpoints/step-4 && " + damage, "2>&1");
  const auto result = finish(workspace, steps(6) + arguments + "damaged");
  CHECK_THAT(result.out, ContainsSubstring("damaged checkpoint, left out: damaged/checkpoints/step-4/") &&
                             ContainsSubstring("goes on from damaged/checkpoints/step-3"));
  CHECK(differences(outcome_of(workspace, "once"), outcome_of(workspace, "damaged")) == Names{});
}

TEST_CASE("tempo-train: ended before its first checkpoint, it begins again", "[runs]") {
  const Workspace workspace;
  const std::string arguments = "output.checkpoint_every=1000000 output.folder=";
  CHECK(train(workspace, steps(1'000'000) + arguments + "killed", "timeout -s KILL 1 ").status == 137);
  const auto result = finish(workspace, steps(5) + arguments + "killed");
  CHECK_THAT(result.out,
             ContainsSubstring("begins again: the run in the folder was ended before its first checkpoint"));
  finish(workspace, steps(5) + arguments + "once");
  CHECK(differences(outcome_of(workspace, "once"), outcome_of(workspace, "killed")) == Names{});
}

TEST_CASE("tempo-train: another run's folder is refused with what differs, or replaced", "[runs]") {
  const Workspace workspace;
  const int step = stop_after_steps(workspace, "out");
  const auto refused = train(workspace, "train.seed=1 " + steps(1'000'000));
  CHECK(refused.status == 1);
  CHECK(refused.err ==
        "error: out: expected the run that the folder holds, got another: train.seed: expected '0', got '1' "
        "(set "
        "output.overwrite, or another folder)\n");
  CHECK(workspace.exists("out/checkpoints/step-" + std::to_string(step) + "/manifest.json"));
  const auto data = train(workspace, "data.limit=3 evaluation.limit=2");
  CHECK(data.status == 1);
  CHECK_THAT(data.err, ContainsSubstring("got another: data.limit: expected "));
  workspace.write("train.jsonl", Workspace::rows({"0", "1", "2", "5"}));
  CHECK_THAT(train(workspace, "").err,
             ContainsSubstring("got another: data: expected training data of fingerprint "));
  finish(workspace, "train.seed=1 output.overwrite=true");
  CHECK_FALSE(workspace.exists("out/checkpoints/step-" + std::to_string(step)));
}

TEST_CASE("tempo-train: a finished run is left alone, unless it is to be longer", "[runs]") {
  const Workspace workspace;
  finish(workspace, steps(3));
  const std::string before = workspace.read("out/metrics.jsonl");
  const auto again = train(workspace, steps(3));
  CHECK(again.status == 1);
  CHECK(again.err ==
        "error: out: expected a folder without a run, found a finished one (set output.overwrite, or another "
        "folder)\n");
  const auto longer = finish(workspace, steps(5));
  CHECK_THAT(longer.out, ContainsSubstring("goes on from out/checkpoints/step-3"));
  CHECK(workspace.read("out/metrics.jsonl").starts_with(before));
  CHECK(train(workspace, steps(7) + "output.resume=never").status == 1);
}

TEST_CASE("tempo-train: two runs do not write to one folder", "[runs]") {
  const Workspace workspace;
  workspace.write("two.sh", kTrain + " " + kRun + steps(1'000'000) + " >first 2>&1 & pid=$!\nsleep 1.5\n" +
                                kTrain + " run.yaml; status=$?\nkill -KILL $pid; wait; exit $status\n");
  const auto result = workspace.run("sh", "two.sh");
  CHECK(result.status == 1);
  CHECK_THAT(result.err,
             ContainsSubstring("error: out: expected a folder that no other run writes to, found process "));
}

TEST_CASE("tempo-train: keeps the last checkpoints, and the best", "[runs]") {
  const Workspace workspace;
  finish(workspace,
         steps(9) +
             "output.checkpoint_every=2 output.keep_last=2 output.keep_best=reward output.best_is=smallest");
  double smallest = 2;
  int best = 0;
  for (const auto& line : workspace.lines("out/metrics.jsonl")) {
    if (!line.contains("reward")) continue;
    const int step = line.at("step").get<int>();
    if ((step % 2 == 0 || step == 9) && line.at("reward").get<double>() <= smallest) {
      smallest = line.at("reward").get<double>();
      best = step;
    }
  }
  std::set<std::string> expected{"step-8", "step-9", "step-" + std::to_string(best)}, found;
  for (const auto& entry : std::filesystem::directory_iterator(workspace.folder() / "out" / "checkpoints"))
    if (entry.is_directory()) found.insert(entry.path().filename().string());
  CHECK(found == expected);
}

TEST_CASE("tempo-train: a full disk or a read-only folder is one line, and the run goes on later", "[runs]") {
  const std::string kind = GENERATE("ENOSPC", "EROFS");
  const int at = GENERATE(1, 30, 60);
  CAPTURE(kind, at);
  const Workspace workspace;
  const std::string arguments = steps(4) + "output.checkpoint_every=1 output.folder=";
  const std::string faults = "ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=" TEMPO_FAULTS_LIBRARY
                             " TEMPO_FAULT_FOLDER=" +
                             workspace.folder().string() + "/failed TEMPO_FAULT_KIND=" + kind +
                             " TEMPO_FAULT_AT=" + std::to_string(at) + " ";
  const auto failed =
      train(workspace, arguments + "failed 2>&1 >/dev/null | grep -v '^step\\|^evaluation'", faults);
  CHECK(failed.out.starts_with("error: failed"));
  CHECK(failed.out.find('\n') == failed.out.size() - 1);
  finish(workspace, arguments + "failed");
  finish(workspace, arguments + "once");
  CHECK(differences(outcome_of(workspace, "once"), outcome_of(workspace, "failed")) == Names{});
}
