#include "tempo/train/answers.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "support/tiny_language.h"
#include "tempo/io/file.h"
#include "tempo/train/fingerprint.h"

using namespace tempo;
using namespace tempo::testing;
using train::Answer;
using train::AnswerFile;

namespace {

constexpr train::AnswerOrigin kOrigin{.model = 7, .sampling = 8};

Answer answer(std::int64_t problem, std::int32_t sample, const std::string& response) {
  Answer made{.problem = problem, .sample = sample, .response = response, .tokens = 2, .origin = kOrigin};
  made.origin.prompt = train::prompt_fingerprint(copy_task().prompt(problem));
  return made;
}

// The responses of set "a" in a file, in the order in which it gives them.
std::vector<std::string> responses_in(const std::filesystem::path& path,
                                      const train::AnswerOrigin& origin = kOrigin) {
  std::vector<std::string> responses;
  for (const Answer& found : AnswerFile(path, false).stored("a", false, copy_task(), origin))
    responses.push_back(found.response);
  return responses;
}

void append(const std::filesystem::path& path, const std::vector<Answer>& answers) {
  AnswerFile(path, false).append("a", copy_task(), answers);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("AnswerFile: gives back what was added, by problem and sample", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  append(path, {answer(1, 0, "c"), answer(0, 1, "b\n\"\\")});
  append(path, {answer(0, 0, "a")});
  CHECK(responses_in(path) == Texts{"a", "b\n\"\\", "c"});
  const auto first = AnswerFile(path, false).stored("a", false, copy_task(), kOrigin).front();
  CHECK(first.tokens == 2);
  CHECK_FALSE(first.truncated);
}

TEST_CASE("AnswerFile: a line that was cut is dropped, and the next ones are whole", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  append(path, {answer(0, 0, "a"), answer(0, 1, "b")});
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 9);
  append(path, {answer(0, 1, "again")});
  CHECK(responses_in(path) == Texts{"a", "again"});
}

TEST_CASE("AnswerFile: another line that is no answer is an error with its number", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  append(path, {answer(0, 0, "a")});
  write_file(path, io::read_text(path) + "{\"set\": \"a\"}\n");
  CHECK(error_of([&] { AnswerFile(path, false); }) ==
        path.string() + ":2: expected an answer of an evaluation, got another line");
}

TEST_CASE("AnswerFile: answers of another origin are refused", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  append(path, {answer(0, 0, "a")});
  const auto refused = [&](const train::AnswerOrigin& origin) {
    return error_of([&] { responses_in(path, origin); });
  };
  const std::string rest = ", got another's (overwrite the file, or choose another folder)";
  CHECK(refused({.model = 1, .sampling = 8}) ==
        path.string() + ":1: expected an answer of this model" + rest);
  CHECK(refused({.model = 7, .sampling = 1}) ==
        path.string() + ":1: expected an answer sampled by these settings" + rest);
  const auto other = tiny_task({{"00", "0"}});
  CHECK(error_of([&] { AnswerFile(path, false).stored("a", false, other, kOrigin); }) ==
        path.string() + ":1: expected an answer to this problem's prompt" + rest);
}

TEST_CASE("AnswerFile: overwrite drops what is there", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  append(path, {answer(0, 0, "a")});
  AnswerFile(path, true);
  CHECK(responses_in(path).empty());
}

TEST_CASE("AnswerFile: rewriting adds verdicts and keeps the answers of others", "[train]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "answers.jsonl";
  const auto task = copy_task();
  append(path, {answer(3, 0, "kept"), answer(0, 0, "a")});
  AnswerFile file(path, false);
  auto scored = file.stored("a", false, tiny_task({{"0", "0"}}), kOrigin);
  REQUIRE(scored.size() == 1);
  scored[0].score.reason = "number: why";
  file.rewrite(std::vector<train::AnsweredSet>{{"a", &task, scored}});
  const std::string text = io::read_text(path);
  CHECK(text.find("\"reason\":\"number: why\"") < text.find('\n'));
  CHECK(responses_in(path) == Texts{"a", "kept"});
}

TEST_CASE("fingerprints: differ with what changes responses, and only then", "[train]") {
  rollout::SamplingOptions drawn, greedy;
  drawn.temperature = 0.7;
  greedy.temperature = 0;
  const auto print = [](const rollout::SamplingOptions& options, std::uint64_t seed) {
    return train::sampling_fingerprint(options, seed);
  };
  CHECK(print(drawn, 1) != print(drawn, 2));
  CHECK(print(greedy, 1) == print(greedy, 2));
  CHECK(print(drawn, 1) != print(greedy, 1));
  auto other = drawn;
  other.max_concurrent_responses = 3;
  CHECK(print(other, 1) == print(drawn, 1));
  other.max_new_tokens = 3;
  CHECK(print(other, 1) != print(drawn, 1));
  CHECK(train::prompt_fingerprint(std::vector<std::int32_t>{1, 23}) !=
        train::prompt_fingerprint(std::vector<std::int32_t>{12, 3}));
}

TEST_CASE("model_fingerprint: follows the weights, not the folder's name", "[train]") {
  const Scratch scratch;
  const auto saved = [&](const char* name, std::uint64_t seed) {
    const auto folder = scratch.folder() / name;
    std::filesystem::create_directory(folder);
    model::save_model(tiny_language_model(seed), folder, at::kFloat);
    return train::model_fingerprint(folder);
  };
  const auto first = saved("a", 1);
  CHECK(saved("b", 1) == first);
  CHECK(saved("c", 2) != first);
}
