#include "common/reward_config.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "programs/temporary_file.h"

using namespace tempo;
using reward::AnswerPlace;
using reward::RewardKind;
using reward::RewardTerm;

namespace {

// Reads a list of rewards and returns the resolved configuration.
std::string read(const std::string& yaml, std::vector<RewardTerm>& terms) {
  const tests::TemporaryFile file(yaml);
  config::Document document = config::load(file.path());
  document.read([&](config::Reader& reader) { reader.list("rewards", terms, common::bind_reward); });
  return document.resolved();
}

RewardTerm term_of(const std::string& yaml) {
  std::vector<RewardTerm> terms;
  read("rewards: [" + yaml + "]\n", terms);
  return terms.at(0);
}

// Returns the error of one reward, with the file's name as FILE; "read" if there was none.
std::string error_of(const std::string& yaml) {
  const tests::TemporaryFile file("rewards: [" + yaml + "]\n");
  try {
    config::Document document = config::load(file.path());
    std::vector<RewardTerm> terms;
    document.read([&](config::Reader& reader) { reader.list("rewards", terms, common::bind_reward); });
    return "read";
  } catch (const Error& error) {
    const std::string text = error.what(), name = file.path().string();
    return text.starts_with(name) ? "FILE" + text.substr(name.size()) : text;
  }
}

}  // namespace

TEST_CASE("bind_reward: the keys of every kind", "[config]") {
  CHECK(term_of("{kind: number, relative_tolerance: 1e-6}").number.relative_tolerance == 1e-6);
  CHECK(term_of("{kind: answer, weight: 2}").weight == 2);
  CHECK(term_of("{kind: format, form: think_answer}").format.form == reward::Form::kThinkAnswer);
  CHECK(term_of("{kind: overlong, max_tokens: 9, cache_tokens: 3}").overlong.cache_tokens == 3);
  CHECK(term_of("{kind: repetition, ngram: 5, max_penalty: 0.5}").repetition.ngram == 5);
  CHECK(term_of("{kind: regex, pattern: '(a)', answer_group: 1}").regex.answer_group == 1);
  const auto command = term_of(
      "{kind: command, command: [sh, -c, 'cat'], workers: 4, batch: 2, timeout_s: 0.5, "
      "start_timeout_s: 60, failure_score: -1, max_failures: 5}");
  CHECK(command.command.command == std::vector<std::string>{"sh", "-c", "cat"});
  CHECK(command.pool->options().failure_score == -1);
}

TEST_CASE("bind_reward: where a math answer may stand", "[config]") {
  CHECK((term_of("{kind: math}").math.places == reward::strict_places()));
  CHECK((term_of("{kind: math, extract: strict}").math.places == reward::strict_places()));
  CHECK((term_of("{kind: answer, extract: lenient}").math.places == reward::lenient_places()));
  CHECK((term_of("{kind: math, extract: [boxed, hashes]}").math.places ==
         std::vector{AnswerPlace::kBoxed, AnswerPlace::kHashes}));
}

TEST_CASE("bind_reward: what is wrong is an error with its place", "[config]") {
  CHECK(error_of("{kind: maths}") == "FILE:1: rewards[0].kind: got 'maths', did you mean 'math'?");
  CHECK(error_of("{kind: math, extract: [boxed, box]}") ==
        "FILE:1: rewards[0].extract: expected one of: boxed, tag, hashes, phrase, formula, number, whole, "
        "got 'box'");
  CHECK(error_of("{kind: math, extract: box}") ==
        "FILE:1: rewards[0].extract: expected strict, lenient or a list of places such as [boxed, tag], got "
        "'box'");
  CHECK(error_of("{kind: regex, pattern: 'a('}") ==
        "FILE:1: rewards[0].pattern: expected a regular expression, got 'a(': missing closing parenthesis at "
        "character 3");
  CHECK(error_of("{kind: command, workers: 2}") ==
        "FILE:1: rewards[0].command: expected a program and its arguments, got nothing");
  CHECK(error_of("{kind: command, command: [cat], timeout: 3}") ==
        "FILE:1: unknown key 'timeout' in 'rewards[0]', did you mean 'timeout_s'?");
  CHECK(error_of("{kind: choice, strict: true}") ==
        "FILE:1: unknown key 'strict' in 'rewards[0]', expected one of: kind, weight");
}

TEST_CASE("bind_reward: the resolved rewards read back as themselves", "[config]") {
  std::vector<RewardTerm> terms, again;
  const std::string yaml = read(
      "rewards:\n- {kind: math, extract: [boxed, tag]}\n- {kind: answer, extract: lenient}\n"
      "- {kind: command, command: [cat, '-']}\n- {kind: format, pattern: 'a: \"b\"'}\n- {kind: overlong}\n",
      terms);
  CHECK(read(yaml, again) == yaml);
  CHECK((again.at(0).math.places == terms.at(0).math.places));
  CHECK(again.at(2).command.command == std::vector<std::string>{"cat", "-"});
  CHECK(again.at(3).format.pattern == "a: \"b\"");
}
