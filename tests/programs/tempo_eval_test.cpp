// The program tempo-eval from the outside.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "programs/workspace.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::CommandResult;
using tempo::tests::Workspace;

namespace {

const std::string kEval = TEMPO_EVAL_PROGRAM;

// The value on the line of that name.
std::string value_of(const CommandResult& result, const std::string& name) {
  const auto begin = result.out.find("\n" + name + " ");
  if (begin == std::string::npos) return "";
  const auto value = result.out.find_first_not_of(' ', begin + 1 + name.size());
  return result.out.substr(value, result.out.find('\n', value) - value);
}

}  // namespace

TEST_CASE("tempo-eval: one greedy answer a problem by default", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kEval, "run.yaml --answers answers.jsonl");
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(value_of(result, "problems") == "2");
  CHECK(value_of(result, "samples") == "greedy");
  CHECK(workspace.lines("answers.jsonl").size() == 2);
  const auto other_seed = workspace.run(kEval, "run.yaml --answers other.jsonl evaluation.seed=7");
  CHECK(workspace.read("other.jsonl") == workspace.read("answers.jsonl"));
  CHECK_FALSE(workspace.exists("out"));
}

TEST_CASE("tempo-eval: the accuracy of --samples is the share of right answers in the file", "[programs]") {
  const Workspace workspace;
  const auto result =
      workspace.run(kEval, "run.yaml --samples 32 --answers answers.jsonl evaluation.limit=1");
  REQUIRE(result.status == 0);
  const auto answers = workspace.lines("answers.jsonl");
  REQUIRE(answers.size() == 32);
  double right = 0;
  for (const auto& answer : answers) right += answer.at("reward").get<double>();
  REQUIRE(right > 0);
  CHECK(value_of(result, "accuracy") == fmt::format("{:.2f} % (standard error 0.00)", 100 * right / 32));
  CHECK(value_of(result, "samples") == "32");
  CHECK(value_of(result, "answers") == "answers.jsonl");
}

TEST_CASE("tempo-eval: --samples 1 samples at the evaluation's temperature", "[programs]") {
  const Workspace workspace;
  const auto answers = [&](const std::string& arguments) {
    REQUIRE(workspace.run(kEval, "run.yaml --answers answers.jsonl " + arguments).status == 0);
    return workspace.read("answers.jsonl");
  };
  const std::string greedy = answers("");
  CHECK(answers("--samples 1 evaluation.seed=1 evaluation.data=train.jsonl") !=
        answers("--samples 1 evaluation.seed=2 evaluation.data=train.jsonl"));
  CHECK(answers("--samples 1 evaluation.temperature=0.001") == greedy);
}

TEST_CASE("tempo-eval: needs no training data, but data to evaluate on", "[programs]") {
  const Workspace workspace;
  CHECK(workspace.run(kEval, "run.yaml data.train=nowhere.jsonl").status == 0);
  const auto result = workspace.run(kEval, "run.yaml evaluation.data=");
  CHECK(result.status == 1);
  CHECK(result.err == "error: run.yaml: evaluation.data: expected a file, got nothing\n");
}

TEST_CASE("tempo-eval: an answers file that cannot be written is an error before the work", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kEval, "run.yaml --answers nowhere/answers.jsonl");
  CHECK(result.status == 1);
  CHECK(result.err == "error: nowhere/answers.jsonl: expected a file that can be written\n");
  CHECK(result.out.empty());
}
