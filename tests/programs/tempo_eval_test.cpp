// The program tempo-eval from the outside.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "programs/workspace.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::CommandResult;
using tempo::tests::Workspace;

namespace {

const std::string kEval = TEMPO_EVAL_PROGRAM;

// Two sets behind the tiny configuration's own keys.
constexpr const char* kTwoSets = R"(model:
  path: model
  threads: 1
rewards:
  - kind: number
sampling:
  max_new_tokens: 3
evaluation:
  samples: 4
  greedy: true
  chunk_problems: 1
  sets:
    - {name: near, data: test.jsonl}
    - {data: train.jsonl, in_distribution: false, samples: 2, random_rows: 3, rewards: [{kind: exact}]}
)";

CommandResult evaluate(const Workspace& workspace, const std::string& arguments) {
  auto result = workspace.run(kEval, arguments);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result;
}

nlohmann::json results(const Workspace& workspace, const std::string& folder) {
  return nlohmann::json::parse(workspace.read(folder + "/results.json"));
}

Workspace two_sets() { return Workspace("two.yaml", kTwoSets); }

}  // namespace

TEST_CASE("tempo-eval: one set, sampled as the configuration says", "[programs]") {
  const Workspace workspace;
  evaluate(workspace, "run.yaml");
  const auto set = results(workspace, "out").at("sets").at(0);
  CHECK(set.at("name") == "test");
  CHECK(set.at("problems") == 2);
  CHECK(set.at("greedy").is_null());
  CHECK(set.at("sampled").at("samples") == 1);
  CHECK(workspace.lines("out/answers.jsonl").size() == 2);
}

TEST_CASE("tempo-eval: several sets, each with its own settings", "[programs]") {
  const auto workspace = two_sets();
  const auto result = evaluate(workspace, "two.yaml --output out");
  const auto sets = results(workspace, "out").at("sets");
  REQUIRE(sets.size() == 2);
  CHECK(sets[0].at("name") == "near");
  CHECK(sets[0].at("sampled").at("pass_at").size() == 3);
  CHECK(sets[1].at("name") == "train");
  CHECK(sets[1].at("problems") == 3);
  CHECK(sets[1].at("in_distribution") == false);
  CHECK(sets[1].at("sampled").at("samples") == 2);
  CHECK(workspace.lines("out/answers.jsonl").size() == 2 * 5 + 3 * 3);
  CHECK_THAT(result.out, ContainsSubstring("| near  |  in |") && ContainsSubstring("| train | out |"));
  CHECK_THAT(workspace.read("out/results.md"),
             ContainsSubstring("## near") && ContainsSubstring(" pass@k |"));
}

TEST_CASE("tempo-eval: every answer has its verdict, and the accuracy is their share", "[programs]") {
  const Workspace workspace;
  evaluate(workspace, "run.yaml evaluation.samples=32 evaluation.limit=1");
  const auto answers = workspace.lines("out/answers.jsonl");
  REQUIRE(answers.size() == 32);
  double right = 0;
  for (const auto& answer : answers) {
    for (const char* key :
         {"set", "id", "response", "extracted", "reason", "score", "tokens", "truncated", "answer"})
      CHECK(answer.contains(key));
    right += answer.at("correct").get<bool>() ? 1 : 0;
  }
  REQUIRE(right > 0);
  CHECK(results(workspace, "out").at("sets").at(0).at("sampled").at("accuracy").at("value") == right / 32);
}

TEST_CASE("tempo-eval: killed and started again it gives the same files", "[programs]") {
  const auto workspace = two_sets();
  evaluate(workspace, "two.yaml --output whole");
  // A limit on the size of files ends the program by a signal while it writes a line.
  const auto killed = workspace.run("ulimit -f 2; exec " + kEval, "two.yaml --output killed");
  REQUIRE(killed.status != 0);
  REQUIRE_FALSE(workspace.exists("killed/results.json"));
  REQUIRE(workspace.exists("killed/answers.jsonl"));
  evaluate(workspace, "two.yaml --output killed");
  for (const char* file : {"/results.json", "/answers.jsonl", "/results.md"})
    CHECK(workspace.read(std::string("killed") + file) == workspace.read(std::string("whole") + file));
}

TEST_CASE("tempo-eval: a complete evaluation is scored again without the weights", "[programs]") {
  const auto workspace = two_sets();
  evaluate(workspace, "two.yaml --output out");
  const std::string before = workspace.read("out/results.json");
  const auto again = evaluate(workspace, "two.yaml --output out");
  CHECK(workspace.read("out/results.json") == before);
  CHECK_THAT(again.err, !ContainsSubstring("tokens/s"));
  workspace.write("test.jsonl", R"({"problem": "4", "answer": "77"})"
                                "\n"
                                R"({"problem": "5", "answer": "77"})"
                                "\n");
  evaluate(workspace, "two.yaml --output out");
  CHECK(results(workspace, "out").at("sets").at(0).at("sampled").at("accuracy").at("value") == 0);
}

TEST_CASE("tempo-eval: --sets samples some sets and leaves the answers of others", "[programs]") {
  const auto workspace = two_sets();
  evaluate(workspace, "two.yaml --output out --sets train");
  CHECK(results(workspace, "out").at("sets").size() == 1);
  evaluate(workspace, "two.yaml --output out --sets near");
  CHECK(workspace.lines("out/answers.jsonl").size() == 2 * 5 + 3 * 3);
  const auto result = workspace.run(kEval, "two.yaml --output out --sets near,nowhere");
  CHECK(result.status == 1);
  CHECK(result.err == "error: --sets: expected names of near, train, got 'nowhere'\n");
}

TEST_CASE("tempo-eval: --list prints the sets and writes nothing", "[programs]") {
  const auto workspace = two_sets();
  const auto result = evaluate(workspace, "two.yaml --list --output out");
  CHECK_THAT(result.out, ContainsSubstring("| near ") && ContainsSubstring("train.jsonl"));
  CHECK_FALSE(workspace.exists("out"));
}

TEST_CASE("tempo-eval: answers of another model or other settings are refused", "[programs]") {
  const auto workspace = two_sets();
  evaluate(workspace, "two.yaml --output out --sets near");
  const auto result = workspace.run(kEval, "two.yaml --output out --sets near sampling.max_new_tokens=2");
  CHECK(result.status == 1);
  CHECK(result.err ==
        "error: out/answers.jsonl:1: expected an answer sampled by these settings, got another's (overwrite "
        "the file, or choose another folder)\n");
  evaluate(workspace, "two.yaml --output out --sets near sampling.max_new_tokens=2 --overwrite");
}

TEST_CASE("tempo-eval: needs no training data, but data to evaluate on", "[programs]") {
  const Workspace workspace;
  CHECK(workspace.run(kEval, "run.yaml data.train=nowhere.jsonl").status == 0);
  const auto result = workspace.run(kEval, "run.yaml evaluation.data=");
  CHECK(result.status == 1);
  CHECK(result.err == "error: run.yaml: evaluation: expected data or sets, got neither\n");
}

TEST_CASE("tempo-eval: sets that cannot be are refused with their place", "[programs]") {
  const auto workspace = two_sets();
  const auto refused = [&](const std::string& arguments) {
    const auto result = workspace.run(kEval, "two.yaml --output out " + arguments);
    CHECK(result.status == 1);
    CHECK_FALSE(workspace.exists("out"));
    return result.err;
  };
  CHECK(refused("evaluation.data=test.jsonl") ==
        "error: two.yaml:12: evaluation.sets: expected data or sets, got both\n");
  CHECK_THAT(refused("evaluation.sets.1.name=near"),
             ContainsSubstring("expected a name of its own, got 'near'"));
  CHECK_THAT(refused("evaluation.sets.0.name='a/b'"), ContainsSubstring("name: expected letters"));
  CHECK_THAT(refused("evaluation.sets.0.samples=-1"),
             ContainsSubstring("evaluation.sets[0].samples: expected 0"));
  CHECK_THAT(refused("evaluation.sets.0.data=none.jsonl"), ContainsSubstring("none.jsonl: expected a file"));
}
