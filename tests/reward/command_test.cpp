#include "tempo/reward/command.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "command_protocol.h"
#include "reward/command_fixture.h"
#include "tempo/core/error.h"
#include "tempo/reward/reward.h"

using namespace tempo;
using namespace tempo::testing;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using reward::CommandPool;
using reward::Failure;

TEST_CASE("CommandPool: every response gets its own answer, whatever the workers and the batch", "[reward]") {
  std::vector<std::string> texts;
  std::vector<double> lengths;
  for (int i = 0; i < 100; ++i) {
    texts.emplace_back(static_cast<std::size_t>(i * 37 % 101), 'x');
    lengths.push_back(static_cast<double>(texts.back().size()));
  }
  const Items items(texts);
  for (const auto& [workers, batch] : {std::pair{1, 1}, {3, 1}, {1, 7}, {2, 1000}}) {
    auto options = command_options(python(kLength));
    options.workers = workers;
    options.batch = batch;
    options.timeout_s = 20;
    CommandPool pool(options);
    CHECK(scores_of(pool.score(items.all())) == lengths);
    CHECK(scores_of(pool.score(items.all())) == lengths);
  }
}

TEST_CASE("CommandPool: answers of a batch may come in any order, and without ids in the requests' order",
          "[reward]") {
  const Items items({"a", "bb", "ccc"});
  auto options = command_options(
      {"python3", "-c",
       "import sys, json\n"
       "lines = [json.loads(sys.stdin.readline()) for i in range(3)]\n"
       "for r in reversed(lines): print(json.dumps({'id': r['id'], 'score': len(r['response'])}))\n"
       "sys.stdout.flush(); sys.stdin.read()"});
  options.batch = 3;
  CHECK(scores_of(CommandPool(options).score(items.all())) == std::vector<double>{1, 2, 3});
  options.command = python("  a = {'score': len(r['response'])}");
  CHECK(scores_of(CommandPool(options).score(items.all())) == std::vector<double>{1, 2, 3});
}

TEST_CASE("CommandPool: processes are kept, and say why and what they found", "[reward]") {
  CommandPool pool(command_options(python(
      "  a = {'score': os.getpid(), 'reason': 'because\\n' + chr(0xe9), 'extracted': r['response']}")));
  const Items items({"x", "y"});
  const auto first = pool.score(items.all()), second = pool.score(items.all());
  CHECK(first[0].score == first[1].score);
  CHECK(first[0].score == second[1].score);
  CHECK(first[0].reason == "because \u00e9");
  CHECK(first[1].extracted == "y");
  CHECK(first[0].failure == Failure::kNone);
}

TEST_CASE("CommandPool: a program that cannot run is an error before the work", "[reward]") {
  const data::Example example{"e1", "Which?", "46", {}, "", ""};
  const auto start = [&](std::vector<std::string> command) {
    CommandPool(command_options(std::move(command))).start(example);
  };
  CHECK_THROWS_WITH(
      start({"no-such-program"}),
      "command: expected an answer to an empty response, got none: expected a program that can be "
      "started, got 'no-such-program': No such file or directory");
  CHECK_THROWS_WITH(start(shell("exit 3")), ContainsSubstring("the process ended with status 3"));
  CHECK_THROWS_WITH(start({"cat"}), ContainsSubstring("expected a number as score, got '{\"id\":0,"));
  CHECK_NOTHROW(start(python(kLength)));
}

TEST_CASE("CommandPool: a file that is no program cannot be started", "[reward]") {
  const data::Example example{"e1", "Which?", "46", {}, "", ""};
  CommandPool pool(command_options({"/etc/passwd"}));
  CHECK_THROWS_WITH(pool.start(example), ContainsSubstring("Permission denied"));
}

TEST_CASE("CommandOptions: a field that is wrong is named", "[reward]") {
  const auto error = [](auto change) {
    auto options = command_options({"cat"});
    change(options);
    try {
      options.validate();
    } catch (const Error& thrown) {
      return std::string(thrown.what());
    }
    return "none"s;
  };
  CHECK_THAT(error([](auto& o) { o.command = {}; }), StartsWith("command: expected"));
  CHECK_THAT(error([](auto& o) { o.workers = 0; }), StartsWith("workers: expected"));
  CHECK_THAT(error([](auto& o) { o.batch = 0; }), StartsWith("batch: expected"));
  CHECK_THAT(error([](auto& o) { o.timeout_s = 0; }), StartsWith("timeout_s: expected"));
  CHECK_THAT(error([](auto& o) { o.start_timeout_s = -1; }), StartsWith("start_timeout_s: expected"));
  CHECK_THAT(error([](auto& o) { o.failure_score = 1e30; }), StartsWith("failure_score: expected"));
  CHECK_THAT(error([](auto& o) { o.max_failures = 0; }), StartsWith("max_failures: expected"));
  CHECK(error([](auto&) {}) == "none");
}

TEST_CASE("request_line: one line of valid JSON, whatever the bytes", "[reward]") {
  data::Example example{"e1", "W\xff?", "46", {{"A", "this"}}, "algebra", "3"};
  const auto text = "\0\n\"\xc3("s + std::string(1'000'000, '\xff');
  const auto line =
      reward::request_line(7, {.text = text, .tokens = 5, .max_tokens = 5, .truncated = true}, example);
  CHECK(line.find('\n') == line.size() - 1);
  const auto request = nlohmann::json::parse(line);
  CHECK(request.at("id") == 7);
  CHECK(request.at("example") == "e1");
  CHECK(request.at("problem") == "W\ufffd?");
  CHECK(request.at("options").at("A") == "this");
  CHECK(request.at("subject") == "algebra");
  CHECK(request.at("truncated") == true);
  CHECK(request.at("response").get<std::string>().starts_with("\0\n\"\ufffd("s));
  CHECK_FALSE(nlohmann::json::parse(reward::request_line(7, {}, {})).contains("options"));
}

TEST_CASE("parse_answer: refuses what is none", "[reward]") {
  CHECK(reward::parse_answer(R"({"score": -0.5})").score == -0.5);
  CHECK(reward::parse_answer(R"({"score": 1, "id": 3, "more": []})").id == 3);
  CHECK(reward::parse_answer(R"({"score": 1, "reason": null})").reason.empty());
  for (const char* line :
       {"", "1", "{", "[1]", "null", R"({"score": "1"})", R"({"score": true})", R"({"score": NaN})",
        R"({"score": 1e999})", R"({"score": 1e7})", R"({"reason": "x"})", R"({"score": 1, "id": "3"})",
        R"({"score": 1, "id": 18446744073709551615})", R"({"score": 1, "reason": 5})",
        "{\"score\": 1, \"reason\": \"\xff\"}", R"({"score": 1} 2)"}) {
    INFO(line);
    CHECK_THROWS_AS(reward::parse_answer(line), Error);
  }
  CHECK_THROWS_AS(reward::parse_answer(std::string(1 << 20, '[')), Error);
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  CHECK_THROWS_AS(reward::parse_answer(R"({"score": 1, "reason": )" + deep + "}"), Error);
  CHECK_THROWS_AS(reward::parse_answer(R"({"score": 1, "id": )" + deep + "}"), Error);
}

TEST_CASE("RewardFunction: a command's verdict is a term like others, and copies share its processes",
          "[reward]") {
  reward::RewardTerm term;
  term.kind = reward::RewardKind::kCommand;
  term.command = command_options(python("  a = {'score': os.getpid()}"));
  const reward::RewardFunction reward({term});
  const reward::RewardFunction copy = reward;  // NOLINT: a copy is what is tested
  const data::Example example{"e1", "Which?", "46", {}, "", ""};
  CHECK_NOTHROW(reward.check(example));
  CHECK_NOTHROW(reward.start(example));
  CHECK(reward.score("a", example).total == copy.score("b", example).total);
  CHECK(reward.score("a", example).failures == std::vector{Failure::kNone});
}

TEST_CASE("examples/rewards: the programs score as they say", "[reward]") {
  const std::string folder = TEMPO_EXAMPLES_DIR "/rewards/";
  const Items items({"It is 46.", "It is 47", "46, I think", "", "\"46\"", "\xff\0 \"answer\":\"47\" 46"s});
  CommandPool python_pool(command_options({"python3", folder + "check.py"}));
  CommandPool shell_pool(command_options({"sh", folder + "check.sh"}));
  const auto python_verdicts = python_pool.score(items.all());
  CHECK(scores_of(python_verdicts) == std::vector<double>{1, 0, 0, 0, 1, 1});
  CHECK(python_verdicts[1].extracted == "47");
  CHECK(scores_of(shell_pool.score(items.all())) == std::vector<double>{1, 0, 1, 0, 1, 1});
}
