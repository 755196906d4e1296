// The program tempo-verify from the outside. TEMPO_VERIFY_PROGRAM is its path.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "programs/run_command.h"
#include "programs/temporary_file.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using tempo::tests::CommandResult;
using tempo::tests::run_command;
using tempo::tests::TemporaryFile;

namespace {

const std::string kProgram = TEMPO_VERIFY_PROGRAM;
const std::string kRow = R"({"gold": "1/2", "pred": "0.5"})";

std::vector<nlohmann::json> lines_of(const std::string& out) {
  std::istringstream stream(out);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

bool equivalent(const std::string& options, const std::string& gold, const std::string& pred) {
  const std::string row = nlohmann::json{{"gold", gold}, {"pred", pred}}.dump();
  const CommandResult result = run_command(kProgram + " " + options, row);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return lines_of(result.out).at(0).at("equivalent").get<bool>();
}

void check_bad_row(const std::string& row, const std::string& text) {
  const CommandResult result = run_command(kProgram, row + "\n");
  CHECK(result.status == 1);
  CHECK(result.err == "error: stdin:1: " + text + "\n");
  CHECK(lines_of(result.out).at(0) == nlohmann::json{{"error", "stdin:1: " + text}});
}

void check_usage_error(const std::string& arguments, const std::string& text) {
  const CommandResult result = run_command(kProgram + " " + arguments);
  CHECK(result.status == 2);
  CHECK_THAT(result.err, ContainsSubstring(text));
}

}  // namespace

TEST_CASE("tempo-verify: a line in, a line out", "[programs]") {
  const CommandResult result =
      run_command(kProgram, kRow + "\n\n" + R"({"gold": 3, "id": "b7", "pred": "4", "x": [[]]})");
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("equivalent") == true);
  CHECK(lines[0].at("reason").get<std::string>() != "");
  CHECK(lines[0].size() == 2);
  CHECK(lines[1].at("equivalent") == false);
  CHECK(lines[1].at("id") == "b7");
  CHECK(lines[1].size() == 3);
}

TEST_CASE("tempo-verify: answers in running text count unless --strict", "[programs]") {
  const std::string text = "We add and get $x = 12$.";
  CHECK(equivalent("", "12", text));
  CHECK_FALSE(equivalent("--strict", "12", text));
  CHECK(equivalent("--strict", "12", "so \\boxed{12}, not 13"));
}

TEST_CASE("tempo-verify: --places chooses where an answer stands", "[programs]") {
  const std::string text = "\\boxed{1} The answer is 2. #### 3";
  CHECK(equivalent("--places boxed", "1", text));
  CHECK(equivalent("--places hashes", "3", text));
  CHECK(equivalent("--places tag,hashes,boxed", "3", text));
  CHECK_FALSE(equivalent("--places tag", "1", text));
  CHECK(run_command(kProgram + " --places boxed,tag -", kRow).status == 0);
}

TEST_CASE("tempo-verify: --tolerance is relative to the reference", "[programs]") {
  CHECK_FALSE(equivalent("", "200", "201"));
  CHECK(equivalent("--tolerance 0.01", "200", "201"));
  CHECK_FALSE(equivalent("--tolerance 0.01", "200", "203"));
}

TEST_CASE("tempo-verify: threads keep the order of the rows", "[programs]") {
  std::string input;
  for (int i = 0; i < 2000; ++i)
    input += nlohmann::json{{"id", i}, {"gold", i % 7}, {"pred", std::to_string(i % 5)}}.dump() + "\n";
  const TemporaryFile file(input);
  const std::string command = kProgram + " " + file.path().string();
  const CommandResult one = run_command(command), many = run_command(command + " --threads 3");
  CHECK(one.out == many.out);
  const auto lines = lines_of(many.out);
  REQUIRE(lines.size() == 2000);
  for (std::size_t i = 0; i < lines.size(); ++i) REQUIRE(lines[i].at("id") == i);
}

TEST_CASE("tempo-verify: a row that is none gets a line that says why, and the others their answer",
          "[programs]") {
  const TemporaryFile file(kRow + "\n{}\n" + kRow + "\nhello\n");
  const CommandResult result = run_command(kProgram + " --threads 2 " + file.path().string());
  const std::string text = file.path().string() + ":2: gold: expected this key, got none";
  CHECK(result.status == 1);
  CHECK(result.err == "error: " + text + " (and 1 more)\n");
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].at("equivalent") == true);
  CHECK(lines[1].at("error") == text);
  CHECK(lines[2] == lines[0]);
}

TEST_CASE("tempo-verify: what is wrong with a row is one line", "[programs]") {
  check_bad_row("[1]", "expected an object with the keys gold and pred, got array");
  check_bad_row(R"({"gold": "1"})", "pred: expected this key, got none");
  check_bad_row(R"({"gold": null, "pred": ""})", "gold: expected a text or an integer, got null");
  check_bad_row(R"({"gold": 0.5, "pred": ""})", "gold: expected a text or an integer, got number");
  check_bad_row(R"({"gold": "", "pred": "", "id": []})", "id: expected a text or a number, got array");
  check_bad_row(R"({"gold": "", "pred": "", "equivalent": 1})",
                "equivalent: expected true or false, got number");
  check_bad_row("{\"gold\": 1e999}", "expected numbers that fit 64 bits, got a larger one");
  check_bad_row("{\"gold\": 1 2", "expected JSON, got something else at column 12");
  check_bad_row("{\"gold\": \"\xff\"}", "expected JSON, got something else at column 11");
}

TEST_CASE("tempo-verify: --summary counts, and names the rows that disagree", "[programs]") {
  const std::string input = R"({"gold": "1", "pred": "1", "equivalent": true}
{"gold": "1", "pred": "2", "equivalent": true}
{"gold": "1", "pred": "1", "equivalent": false}
{"gold": "1", "pred": "1"})";
  const CommandResult result = run_command(kProgram + " --summary", input);
  CHECK(result.status == 0);
  CHECK(result.err ==
        "4 rows, 3 equivalent\n1 of 3 as expected (33.33 %)\n"
        "stdin:2: expected true\nstdin:3: expected false\n");
  CHECK(run_command(kProgram + " --summary", kRow).err == "1 rows, 1 equivalent\n");
}

TEST_CASE("tempo-verify: one thread answers a row before the next one comes", "[programs]") {
  const std::string row = "printf '%s\\n' '" + kRow + "'";
  const TemporaryFile answer("");
  const std::string path = answer.path().string();
  const CommandResult result = run_command("{ " + row + "; for i in $(seq 100); do [ -s " + path +
                                           " ] && break; sleep 0.05; done; wc -l <" + path + " >&2; " + row +
                                           "; } | " + kProgram + " >" + path);
  CHECK(result.err == "1\n");
}

TEST_CASE("tempo-verify: an empty input gives an empty output", "[programs]") {
  const CommandResult result = run_command(kProgram, "\n");
  CHECK(result.status == 0);
  CHECK(result.out.empty());
}

TEST_CASE("tempo-verify: files that cannot be read or written are one line of error", "[programs]") {
  CHECK(run_command(kProgram + " missing.jsonl").err ==
        "error: missing.jsonl: expected a file that can be read, got: No such file or directory\n");
  CHECK(run_command(kProgram + " >/dev/full", kRow).err ==
        "error: standard output: expected to write, got a write error\n");
}

TEST_CASE("tempo-verify: wrong usage exits with 2", "[programs]") {
  check_usage_error("--places middle", "--places: middle not in {boxed,");
  check_usage_error("--strict --places boxed", "--strict");
  check_usage_error("--threads 0", "--threads");
  check_usage_error("--tolerance -1", "--tolerance");
  check_usage_error("--wrong", "--wrong");
}

TEST_CASE("tempo-verify: the first example of --help finds both equal", "[programs]") {
  const CommandResult help = run_command(kProgram + " --help");
  CHECK(help.status == 0);
  const std::size_t echo = help.out.find("  echo"), pipe = help.out.find(" | tempo-verify", echo);
  REQUIRE(pipe != std::string::npos);
  const CommandResult example = run_command(help.out.substr(echo, pipe - echo) + " | " + kProgram);
  CHECK(lines_of(example.out).at(0).at("equivalent") == true);
}
