// --help and wrong usage of the programs that run a model.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "programs/run_command.h"

using Catch::Matchers::ContainsSubstring;
using tempo::tests::run_command;

namespace {

struct Usage {
  std::string program;
  std::vector<std::string> mentioned;  // in --help
};

const std::vector<Usage> kUsages{
    {TEMPO_TRAIN_PROGRAM,
     {"CONFIG.yaml", "KEY=VALUE", "--help", "--nproc", "--plan", "--memory", "Examples:", "output.folder",
      "docs/configuration.md"}},
    {TEMPO_EVAL_PROGRAM,
     {"CONFIG.yaml", "KEY=VALUE", "--help", "--output", "--sets", "--list", "--overwrite",
      "Examples:", "answers.jsonl", "docs/evaluation.md"}},
    {TEMPO_SAMPLE_PROGRAM,
     {"model", "prompt", "--help", "--system", "--temperature", "--top-k", "--top-p", "--min-p",
      "--max-new-tokens", "--samples", "--seed", "--chat-format", "--device", "--threads", "--bfloat16",
      "--raw", "--no-thinking", "Examples:"}}};

// Returns the long options that stand in the text.
std::vector<std::string> options_in(const std::string& text) {
  std::vector<std::string> options;
  for (auto at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2))
    options.push_back(
        text.substr(at, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at) - at));
  return options;
}

}  // namespace

TEST_CASE("programs: --help mentions every argument and exits with 0", "[programs]") {
  const Usage usage = GENERATE(from_range(kUsages));
  const auto result = run_command(usage.program + " --help");
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  for (const auto& text : usage.mentioned) CHECK_THAT(result.out, ContainsSubstring(text));
  for (const auto& option : options_in(result.out)) {
    CAPTURE(option);
    CHECK(std::find(usage.mentioned.begin(), usage.mentioned.end(), option) != usage.mentioned.end());
  }
}

TEST_CASE("programs: wrong usage is one line and exits with 2", "[programs]") {
  const auto refused = [](const std::string& command) {
    const auto result = run_command(command);
    CAPTURE(command);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    return result.err;
  };
  const std::string program = GENERATE(TEMPO_TRAIN_PROGRAM, TEMPO_EVAL_PROGRAM, TEMPO_SAMPLE_PROGRAM);
  CHECK_THAT(refused(program), ContainsSubstring(" is required\n"));
  CHECK(refused(program + " a b --wrong") == "error: The following argument was not expected: --wrong\n");
}

TEST_CASE("programs: a number out of range is wrong usage", "[programs]") {
  const std::string sample = TEMPO_SAMPLE_PROGRAM;
  for (const auto& command :
       {sample + " m p --samples -1", sample + " m p --threads -1", sample + " m p --top-k x"}) {
    CAPTURE(command);
    const auto result = run_command(command);
    CHECK(result.status == 2);
    CHECK(result.err.starts_with("error: "));
    CHECK(result.err.find('\n') == result.err.size() - 1);
  }
}
