// The program tempo-train from the outside, as the README describes it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "programs/run_outcome.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::CommandResult;
using tempo::tests::metrics_of;
using tempo::tests::Workspace;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM;

void check_ran(const CommandResult& result) {
  INFO(result.err);
  REQUIRE(result.status == 0);
}

}  // namespace

TEST_CASE("tempo-train: writes configuration, metrics, completions, evaluations and the model",
          "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain, "run.yaml"));
  const auto metrics = workspace.lines("out/metrics.jsonl");
  REQUIRE(metrics.size() == 4);
  CHECK(metrics[0].contains("eval/accuracy"));
  CHECK(metrics[1].at("step") == 1);
  CHECK(metrics[2].contains("reward"));
  CHECK(metrics[3].contains("eval/accuracy"));
  CHECK(workspace.lines("out/completions.jsonl").size() == 2 * 4 * 4);
  CHECK(workspace.lines("out/evaluations.jsonl").size() == 2 * 2);
  for (const char* file : {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"})
    CHECK(workspace.exists(std::string("out/final/") + file));
  CHECK(workspace.read("out/final/model.safetensors") != workspace.read("model/model.safetensors"));
}

TEST_CASE("tempo-train: shows what runs, a line a step, and accuracy before and after", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kTrain, "run.yaml");
  check_ran(result);
  CHECK_THAT(result.out, ContainsSubstring("training 2 steps of 4 prompts x 4 responses"));
  CHECK_THAT(result.out, ContainsSubstring("train.jsonl (4 problems)"));
  CHECK_THAT(result.out,
             ContainsSubstring("held-out problems                     before               after"));
  for (const char* path : {"out/final", "out/metrics.jsonl", "out/completions.jsonl", "out/evaluations.jsonl",
                           "out/config.yaml"})
    CHECK_THAT(result.out, ContainsSubstring(path));
  CHECK_THAT(result.err, ContainsSubstring("step 1/2  reward ") && ContainsSubstring("step 2/2  reward ") &&
                             ContainsSubstring("evaluation after 2 steps: accuracy "));
  CHECK(result.err.find('\r') == std::string::npos);  // no live line where the output is no terminal
}

TEST_CASE("tempo-train: values on the command line win over the file", "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain,
                          "run.yaml train.steps=1 output.folder=runs/other evaluation.data= "
                          "output.completions_every=0 advantage.estimator=grpo"));
  CHECK_FALSE(workspace.exists("out"));
  CHECK(workspace.lines("runs/other/metrics.jsonl").size() == 1);
  CHECK(workspace.read("runs/other/completions.jsonl").empty());
  CHECK(workspace.read("runs/other/evaluations.jsonl").empty());
  CHECK_THAT(workspace.read("runs/other/config.yaml"), ContainsSubstring("estimator: grpo"));
}

TEST_CASE("tempo-train: the resolved configuration gives the same run", "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain, "run.yaml sampling.top_p=0.9 optimizer.schedule=cosine loss.dual_clip=3"));
  check_ran(workspace.run(kTrain, "out/config.yaml output.folder=again"));
  CHECK(metrics_of(workspace, "again") == metrics_of(workspace, "out"));
  CHECK(workspace.read("again/completions.jsonl") == workspace.read("out/completions.jsonl"));
  CHECK(workspace.read("again/final/model.safetensors") == workspace.read("out/final/model.safetensors"));
  std::string config = workspace.read("again/config.yaml");
  config.replace(config.find("folder: again"), 13, "folder: out");
  CHECK(config == workspace.read("out/config.yaml"));
}

TEST_CASE("tempo-train: a trained model is a model to train", "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain, "run.yaml output.save_every=1 output.save_dtype=bfloat16"));
  CHECK(workspace.exists("out/step-1/model.safetensors"));
  check_ran(workspace.run(kTrain, "run.yaml model.path=out/final output.folder=second"));
}

TEST_CASE("tempo-train: KL to a reference, dynamic sampling and bfloat16 run", "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain,
                          "run.yaml loss.kl_coefficient=0.1 train.dynamic_sampling=true model.dtype=bfloat16 "
                          "train.mini_batch_prompts=2 train.updates_per_batch=2"));
  CHECK(workspace.lines("out/metrics.jsonl")[2].at("kl") > 0);
}

TEST_CASE("tempo-train: a folder with a run is kept unless output.overwrite says otherwise", "[programs]") {
  const Workspace workspace;
  check_ran(workspace.run(kTrain, "run.yaml train.steps=1"));
  const std::string before = workspace.read("out/metrics.jsonl");
  const auto refused = workspace.run(kTrain, "run.yaml train.steps=1");
  CHECK(refused.status == 1);
  CHECK(refused.err ==
        "error: out: expected a folder without a run, found a finished one (set output.overwrite, or another "
        "folder)\n");
  CHECK(workspace.read("out/metrics.jsonl") == before);
  check_ran(workspace.run(kTrain, "run.yaml output.overwrite=true"));
  CHECK(workspace.lines("out/metrics.jsonl").size() == 4);
}
