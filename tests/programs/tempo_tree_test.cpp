// The program tempo-tree from the outside. TEMPO_TREE_PROGRAM is its path.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "programs/run_command.h"
#include "programs/temporary_file.h"
#include "tempo/credit/advantages.h"
#include "tree/random_groups.h"

using Catch::Matchers::ContainsSubstring;
using tempo::testing::random_groups;
using tempo::tests::CommandResult;
using tempo::tests::run_command;
using tempo::tests::TemporaryFile;

namespace {

const std::string kProgram = TEMPO_TREE_PROGRAM;
const std::string kGroup = R"({"responses": [[5, 7], [5, 9], []], "rewards": [1, 0, 0.5]})";

// A group as a line of input.
std::string line_of(const tempo::testing::RandomGroups& groups) {
  nlohmann::json responses = nlohmann::json::array();
  for (std::int32_t i = 0; i < groups.flat().responses(); ++i) {
    const auto tokens = groups.flat().response(i);
    responses.push_back(std::vector<std::int32_t>(tokens.begin(), tokens.end()));
  }
  return nlohmann::json{{"responses", responses}, {"rewards", groups.rewards}}.dump() + "\n";
}

void check_error(const std::string& input, const std::string& text) {
  const CommandResult result = run_command(kProgram, input + "\n");
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(result.err == "error: stdin:1: " + text + "\n");
}

void check_usage_error(const std::string& arguments, const std::string& text) {
  const CommandResult result = run_command(kProgram + " " + arguments);
  CHECK(result.status == 2);
  CHECK(result.err == "error: " + text + "\n");
}

}  // namespace

TEST_CASE("tempo-tree: a line in, a line out", "[programs]") {
  const CommandResult result = run_command(kProgram + " --no-std", kGroup + "\n\n" + kGroup);
  const std::string line = "{\"advantages\": [[0.5,1],[-0.5,-1],[]], \"nodes\": 3, \"tokens\": 4}\n";
  CHECK(result.out == line + line);
  CHECK(result.err.empty());
  CHECK(result.status == 0);
}

TEST_CASE("tempo-tree: each estimator", "[programs]") {
  const auto advantages = [](const std::string& options) {
    const std::string out = run_command(kProgram + " - " + options, kGroup).out;
    return out.substr(0, out.find(", \"nodes\""));
  };
  CHECK(advantages("--estimator tempo --epsilon 0") == R"({"advantages": [[1,2],[-1,-2],[]])");
  CHECK(advantages("--estimator grpo --epsilon 0") == R"({"advantages": [[1,1],[-1,-1],[]])");
  CHECK(advantages("--estimator grpo --epsilon 0.5") == R"({"advantages": [[0.5,0.5],[-0.5,-0.5],[]])");
  CHECK(advantages("--estimator dr_grpo") == R"({"advantages": [[0.5,0.5],[-0.5,-0.5],[]])");
  CHECK(advantages("--estimator rloo") == R"({"advantages": [[0.75,0.75],[-0.75,-0.75],[]])");
  CHECK(advantages("--no-std --value-shrinkage 1") == R"({"advantages": [[0.5,0.75],[-0.5,-0.75],[]])");
}

TEST_CASE("tempo-tree: its numbers read back as the library's floats", "[programs]") {
  constexpr std::uint64_t kGroups = 500;
  std::string input;
  for (std::uint64_t seed = 0; seed < kGroups; ++seed)
    input += line_of(random_groups({.groups = 1, .max_responses = 16, .seed = seed}));
  const TemporaryFile file(input);
  std::istringstream out(run_command(kProgram + " " + file.path().string()).out);
  std::string line;
  for (std::uint64_t seed = 0; seed < kGroups; ++seed) {
    CAPTURE(seed);
    const auto groups = random_groups({.groups = 1, .max_responses = 16, .seed = seed});
    REQUIRE(std::getline(out, line));
    std::vector<float> got;
    const nlohmann::json result = nlohmann::json::parse(line);
    for (const auto& response : result.at("advantages"))
      for (const auto& number : response) got.push_back(number.get<float>());
    REQUIRE(got == tempo::credit::token_advantages(groups.flat(), groups.rewards));
  }
  CHECK(!std::getline(out, line));
}

TEST_CASE("tempo-tree: --show draws the tree", "[programs]") {
  const CommandResult result =
      run_command(kProgram + " --show --no-std",
                  R"({"responses": [[5, 7, 1, 2, 3, 4, 5, 6, 7, 8], [5, 9, 6], [], [5, 9], [3]],)"
                  R"( "rewards": [1, 0, 1, 0.5, 0]})");
  CHECK(result.out == R"(group 1: 5 responses, 16 tokens on 13 nodes, reward mean 0.5, std 0.5
* response 2: reward 1, advantage 0.5
├─ [3] n=1 V=0 step=-0.5
│  * response 4: reward 0, advantage -0.5
└─ [5] n=3 V=0.5
   ├─ [7 1 2 3 4 ... 7 8 (9 tokens)] n=1 V=1 step=+0.5
   │  * response 0: reward 1, advantage 0.5
   └─ [9] n=2 V=0.25 step=-0.25
      * response 3: reward 0.5, advantage 0
      └─ [6] n=1 V=0 step=-0.25
         * response 1: reward 0, advantage -0.5
)");
}

TEST_CASE("tempo-tree: other keys are passed over", "[programs]") {
  const CommandResult result =
      run_command(kProgram, R"({"id": {"a": [1, [null]], "responses": []}, "rewards": [1], "x": [[true]],)"
                            R"( "responses": [[2]], "y": "z"})");
  CHECK(result.out == "{\"advantages\": [[0]], \"nodes\": 1, \"tokens\": 1}\n");
}

TEST_CASE("tempo-tree: an empty input gives an empty output", "[programs]") {
  const CommandResult result = run_command(kProgram, "\n");
  CHECK(result.status == 0);
  CHECK(result.out.empty());
}

TEST_CASE("tempo-tree: a value of the wrong kind is one line of error", "[programs]") {
  check_error("[1]", "expected an object with the keys responses and rewards, got a list");
  check_error(R"({"responses": 3})", "responses: expected a list of lists of token ids, got 3");
  check_error(R"({"responses": [3]})", "responses[0]: expected a list of token ids, got 3");
  check_error(R"({"responses": [[], [1, -2]]})",
              "responses[1][1]: expected a token id from 0 to 2147483647, got -2");
  check_error(R"({"responses": [[1.5]]})",
              "responses[0][0]: expected a token id from 0 to 2147483647, got 1.5");
  check_error(R"({"responses": [["a"]]})",
              "responses[0][0]: expected a token id from 0 to 2147483647, got a string");
  check_error(R"({"responses": [[2147483648]]})",
              "responses[0][0]: expected a token id from 0 to 2147483647, got 2147483648");
  check_error(R"({"responses": [[{"a": 1}]]})",
              "responses[0][0]: expected a token id from 0 to 2147483647, got an object");
  check_error(R"({"responses": [[1]], "rewards": 1})", "rewards: expected a list of numbers, got 1");
}

TEST_CASE("tempo-tree: a reward that is no finite number is one line of error", "[programs]") {
  for (const char* reward : {"NaN", "Infinity", "-Infinity", "null", "true", "1e39", "-1e999"})
    check_error(std::string(R"({"responses": [[1], [2]], "rewards": [0, )") + reward + "]}",
                std::string("rewards[1]: expected a finite number, got ") + reward);
  check_error(R"({"responses": [[1]], "rewards": [1e38]})",
              "assign_credit: rewards[0]: expected a finite number of size at most 1e+37, got 1e+38");
}

TEST_CASE("tempo-tree: keys and counts that do not fit are one line of error", "[programs]") {
  check_error(R"({"responses": [[1]]})", "rewards: expected this key, got none");
  check_error(R"({"rewards": [1]})", "responses: expected this key, got none");
  check_error(R"({"responses": [], "responses": []})", "responses: expected this key once, got it twice");
  check_error(R"({"responses": [[1]], "rewards": [1, 2]})",
              "rewards: expected one a response, 1 in all, got 2");
}

TEST_CASE("tempo-tree: what is not JSON is one line of error", "[programs]") {
  check_error("hello", "expected JSON, got hello at column 1");
  check_error(R"({"responses": [[1 2]]})", "expected JSON, got 2 at column 19");
  check_error(R"({"responses": [[1]], "rewards": [1]} x)", "expected JSON, got x at column 38");
  check_error(R"({"responses": [[1])", "expected JSON, got the end of the line");
  check_error(R"({"other": NaN})", "expected JSON, got NaN at column 11");
}

TEST_CASE("tempo-tree: an error names file and line, after the lines before it", "[programs]") {
  const TemporaryFile file(kGroup + "\n\n{}\n");
  const CommandResult result = run_command(kProgram + " " + file.path().string());
  CHECK(result.status == 1);
  CHECK(result.err == "error: " + file.path().string() + ":3: responses: expected this key, got none\n");
  CHECK_THAT(result.out, ContainsSubstring("\"nodes\": 3"));
}

TEST_CASE("tempo-tree: files that cannot be read are one line of error", "[programs]") {
  CHECK(run_command(kProgram + " missing.jsonl").err ==
        "error: missing.jsonl: expected a file that can be read, got: No such file or directory\n");
  CHECK(run_command(kProgram + " /").err == "error: /: expected a file of JSON lines, got a folder\n");
}

TEST_CASE("tempo-tree: a full disk is an error", "[programs]") {
  const CommandResult result = run_command(kProgram + " >/dev/full", kGroup);
  CHECK(result.status == 1);
  CHECK(result.err == "error: standard output: expected to write, got a write error\n");
}

TEST_CASE("tempo-tree: wrong usage exits with 2", "[programs]") {
  check_usage_error("--estimator ppo", "--estimator: ppo not in {tempo,grpo,dr_grpo,rloo}");
  check_usage_error("--epsilon -1", "--epsilon: expected a number of at least 0, got -1");
  check_usage_error("--value-shrinkage nan", "--value-shrinkage: expected a number of at least 0, got nan");
  check_usage_error("--wrong", "The following argument was not expected: --wrong");
}

TEST_CASE("tempo-tree: the example of --help does what it says", "[programs]") {
  const CommandResult help = run_command(kProgram + " --help");
  CHECK(help.status == 0);
  const std::size_t echo = help.out.find("  echo"), pipe = help.out.find(" | tempo-tree", echo);
  REQUIRE(pipe != std::string::npos);
  const std::size_t end = help.out.find('\n', pipe), options = help.out.find(" --", pipe);
  const CommandResult example = run_command(help.out.substr(echo, pipe - echo) + " | " + kProgram +
                                            help.out.substr(options, end - options));
  CHECK(help.out.substr(end + 3, example.out.size()) == example.out);
}
