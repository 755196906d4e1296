// Training data as a user of the programs sees it: mixtures, what is left out, problems that stand twice.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>
#include <string>

#include "programs/workspace.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::Workspace;

namespace {

const std::string kTrain = TEMPO_TRAIN_PROGRAM, kEval = TEMPO_EVAL_PROGRAM;

// Puts entries in the place of the training file.
void set_training_data(const Workspace& workspace, const std::string& entries) {
  std::string text = workspace.read("run.yaml");
  const std::string line = "  train: train.jsonl\n";
  workspace.write("run.yaml", text.replace(text.find(line), line.size(), "  train:\n" + entries));
}

std::string refused(const Workspace& workspace, const std::string& arguments = "") {
  const auto result = workspace.run(kTrain, "run.yaml " + arguments);
  CHECK(result.status == 1);
  CHECK_FALSE(workspace.exists("out"));
  return result.err;
}

constexpr const char* kTwoSets =
    "    - {path: train.jsonl, weight: 3}\n"
    "    - {path: other.jsonl, name: b, weight: 1, problem_key: q, prompt: \"{question} .\", limit: 2}\n";

void write_other(const Workspace& workspace) {
  workspace.write("other.jsonl",
                  "{\"q\": \"5\", \"answer\": 5}\n{\"q\": \"4\", \"answer\": 4}\n{\"q\": \"x\"}\n");
}

}  // namespace

TEST_CASE("tempo-train: mixes data sets by weight, and tells each one's prompts", "[programs]") {
  const Workspace workspace;
  write_other(workspace);
  set_training_data(workspace, kTwoSets);
  const auto result = workspace.run(kTrain, "run.yaml");
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.out, ContainsSubstring("data     train.jsonl (4 problems), weight 3\n"
                                           "         other.jsonl (2 problems), weight 1\n"));
  for (const auto& line : workspace.lines("out/metrics.jsonl")) {
    if (!line.contains("reward")) continue;
    CHECK(line.at("data/train/prompts") == 3);
    CHECK(line.at("data/b/prompts") == 1);
  }
}

TEST_CASE("tempo-train: the resolved configuration of a mixture gives the same run", "[programs]") {
  const Workspace workspace;
  write_other(workspace);
  set_training_data(workspace, kTwoSets);
  REQUIRE(workspace.run(kTrain, "run.yaml").status == 0);
  REQUIRE(workspace.run(kTrain, "out/config.yaml output.folder=again").status == 0);
  CHECK(workspace.read("again/completions.jsonl") == workspace.read("out/completions.jsonl"));
}

TEST_CASE("tempo-train: an epoch of sets without weights visits every row once", "[programs]") {
  const Workspace workspace;
  write_other(workspace);
  set_training_data(workspace,
                    "    - path: train.jsonl\n    - {path: other.jsonl, problem_key: q, limit: 2}\n");
  const auto result = workspace.run(kTrain, "run.yaml train.steps=0 train.prompts_per_step=6");
  INFO(result.err);
  REQUIRE(result.status == 0);
  std::set<std::string> problems;
  for (const auto& line : workspace.lines("out/completions.jsonl")) problems.insert(line.at("problem"));
  CHECK(problems == std::set<std::string>{"0", "1", "2", "3", "4", "5"});
}

TEST_CASE("tempo-train: entries of training data that are wrong are refused with their line", "[programs]") {
  const auto error = [](const std::string& entries) {
    const Workspace workspace;
    set_training_data(workspace, entries);
    return refused(workspace);
  };
  CHECK(error("    - {weight: 1}\n") ==
        "error: run.yaml:6: data.train[0].path: expected a file, got nothing\n");
  CHECK(error("    - {path: train.jsonl, weight: 0}\n") ==
        "error: run.yaml:6: data.train[0].weight: expected more than 0, got 0\n");
  CHECK(error("    - {path: train.jsonl, wieght: 1}\n") ==
        "error: run.yaml:6: unknown key 'wieght' in 'data.train[0]', did you mean 'weight'?\n");
  CHECK(error("    - {path: train.jsonl, name: a/b}\n") ==
        "error: run.yaml:6: data.train[0].name: expected letters, digits, '_', '-' and '.', got 'a/b'\n");
  CHECK(error("    - {path: train.jsonl, prompt: \"{query}\"}\n") ==
        "error: run.yaml:6: data.train[0].prompt.user: expected {problem}, {options} or {question}, got "
        "{query}\n");
  CHECK(error("    - path: train.jsonl\n    - path: train.jsonl\n") ==
        "error: run.yaml:5: data.train: expected sets of different names, got two named 'train'\n");
  CHECK(error("    - {path: train.jsonl, weight: 1}\n    - path: test.jsonl\n") ==
        "error: run.yaml:5: data.train: expected a weight for every set or for none, got some\n");
}

TEST_CASE("programs: tell what was left out of each data set and what stands twice in it", "[programs]") {
  const Workspace workspace;
  workspace.write("train.jsonl",
                  Workspace::rows({"0", "1", "11", "2", "3"}) + "{\"problem\": \"1.\", \"answer\": \"1\"}\n");
  workspace.write("test.jsonl", Workspace::rows({"4", "5", "555"}));
  const std::string options =
      "run.yaml data.max_prompt_tokens=8 data.skip_long_prompts=true data.min_prompt_tokens=8";
  const auto train = workspace.run(kTrain, "run.yaml data.max_prompt_tokens=8 data.skip_long_prompts=true");
  INFO(train.err);
  CHECK_THAT(train.out,
             ContainsSubstring("data     train.jsonl (6 problems, 1 stand twice (first: 2 and 6))\n"));
  CHECK_THAT(train.out, ContainsSubstring("held out test.jsonl (2 problems, 1 left out: longer prompts)\n"));
  const auto eval = workspace.run(kEval, options + " evaluation.data=train.jsonl");
  INFO(eval.err);
  CHECK_THAT(eval.out, ContainsSubstring("train.jsonl (2 problems, 4 left out: shorter prompts)"));
}

TEST_CASE("tempo-train: training problems of the evaluation data are told, left out or refused",
          "[programs]") {
  const Workspace workspace;
  workspace.write("test.jsonl", Workspace::rows({"4", "3", "1"}));
  const auto twice = [&](const std::string& policy) {
    const auto result = workspace.run(kTrain, "run.yaml output.overwrite=true data.duplicates=" + policy);
    INFO(result.err);
    return result.out.substr(std::min(result.out.find("data     "), result.out.size()));
  };
  CHECK(refused(workspace, "data.duplicates=error") ==
        "error: data.duplicates: expected no problem of the evaluation data in training, got 2 problems of "
        "test.jsonl in training (first: 2 and 3)\n");
  CHECK_THAT(twice("report"), ContainsSubstring("train.jsonl (4 problems)") &&
                                  ContainsSubstring("twice    2 problems of test.jsonl in training (first: 2 "
                                                    "and 3), kept\n"));
  CHECK_THAT(twice("skip"), ContainsSubstring("train.jsonl (2 problems)") &&
                                ContainsSubstring("(first: 2 and 3), left out of it\n"));
  for (const auto& line : workspace.lines("out/completions.jsonl"))
    CHECK((line.at("problem") == "0" || line.at("problem") == "2"));
}
