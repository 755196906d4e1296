#include "tempo/train/evaluate.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using train::Answer;
using train::Evaluation;

namespace {

train::EvaluationSet copy_set(const train::EvaluationOptions& options,
                              const train::Task& task = copy_task()) {
  train::EvaluationSet set{.name = "copy", .task = task, .options = options};
  set.options.sampling.max_new_tokens = 3;
  set.options.sampling.stop_tokens = {kTurnEnd};
  return set;
}

Evaluation evaluate(const model::Model& model, const train::EvaluationSet& set,
                    const train::AnswerStore& store = {}) {
  return train::evaluate([&]() -> const model::Model& { return model; }, set, store);
}

std::vector<std::string> texts(const Evaluation& evaluation) {
  std::vector<std::string> all;
  for (const Answer& answer : evaluation.answers) all.push_back(answer.response);
  return all;
}

const model::Model& never() { throw std::logic_error("the model was asked for"); }

}  // namespace

TEST_CASE("evaluate: the same seed and weights give the same responses", "[train]") {
  const auto model = tiny_language_model(1);
  const auto first = evaluate(model, copy_set({.samples = 8, .seed = 3}));
  CHECK(texts(evaluate(model, copy_set({.samples = 8, .seed = 3}))) == texts(first));
  CHECK(texts(evaluate(model, copy_set({.samples = 8, .seed = 4}))) != texts(first));
}

TEST_CASE("evaluate: greedy answers do not depend on seed and temperature", "[train]") {
  const auto model = tiny_language_model(1);
  const auto first = evaluate(model, copy_set({.greedy = true, .samples = 0}));
  train::EvaluationOptions other{.greedy = true, .samples = 0, .seed = 99};
  other.sampling.temperature = 3;
  CHECK(texts(evaluate(model, copy_set(other))) == texts(first));
}

TEST_CASE("evaluate: greedy answers first, then samples, each problem in order", "[train]") {
  const auto result = evaluate(tiny_language_model(1), copy_set({.greedy = true, .samples = 5}));
  REQUIRE(result.answers.size() == 4 + 20);
  for (std::int64_t i = 0; i < 24; ++i) {
    const Answer& answer = result.answers[static_cast<std::size_t>(i)];
    CHECK(answer.greedy == (i < 4));
    CHECK(answer.problem == (i < 4 ? i : (i - 4) / 5));
    CHECK(answer.sample == (i < 4 ? 0 : (i - 4) % 5));
  }
}

TEST_CASE("evaluate: chunks do not change the responses", "[train]") {
  const auto model = tiny_language_model(1);
  const auto whole = evaluate(model, copy_set({.greedy = true, .samples = 5}));
  for (const std::int64_t chunk : {1, 3})
    CHECK(texts(evaluate(model, copy_set({.greedy = true, .samples = 5, .chunk_problems = chunk}))) ==
          texts(whole));
}

TEST_CASE("evaluate: goes on from whatever is stored", "[train]") {
  const Scratch scratch;
  const auto model = tiny_language_model(1);
  const auto set = copy_set({.greedy = true, .samples = 5});
  const auto path = scratch.folder() / "answers.jsonl";
  train::AnswerFile whole_file(path, false);
  const auto whole = evaluate(model, set, {&whole_file, 7});
  const auto size = std::filesystem::file_size(path);
  for (const std::uintmax_t kept : {size / 9, size / 3, size - 1}) {
    CAPTURE(kept);
    std::filesystem::resize_file(path, kept);
    train::AnswerFile file(path, false);
    CHECK(texts(evaluate(model, set, {&file, 7})) == texts(whole));
    CHECK(std::filesystem::file_size(path) == size);
  }
}

TEST_CASE("evaluate: what is complete needs no model, and is scored again", "[train]") {
  const Scratch scratch;
  train::AnswerFile file(scratch.folder() / "answers.jsonl", false);
  const auto set = copy_set({.samples = 5});
  const auto first = evaluate(tiny_language_model(1), set, {&file, 7});
  train::AnswerFile again(file.path(), false);
  CHECK(train::missing_responses(set, {&again, 7}) == 0);
  // The same problems, whose right answer is now always 1.
  const auto other = tiny_task({{"0", "1"}, {"1", "1"}, {"2", "1"}, {"3", "1"}});
  const auto regraded = train::evaluate(never, copy_set({.samples = 5}, other), {&again, 7});
  CHECK(texts(regraded) == texts(first));
  CHECK(regraded.statistics.sampled->accuracy.value != first.statistics.sampled->accuracy.value);
}

TEST_CASE("evaluate: fewer samples use the first of those stored, more add to them", "[train]") {
  const Scratch scratch;
  const auto model = tiny_language_model(1);
  train::AnswerFile file(scratch.folder() / "answers.jsonl", false);
  const auto three = evaluate(model, copy_set({.samples = 3}), {&file, 7});
  train::AnswerFile again(file.path(), false);
  CHECK(texts(evaluate(model, copy_set({.samples = 5}), {&again, 7})) ==
        texts(evaluate(model, copy_set({.samples = 5}))));
  train::AnswerFile full(file.path(), false);
  CHECK(texts(train::evaluate(never, copy_set({.samples = 3}), {&full, 7})) == texts(three));
}

TEST_CASE("evaluate: progress counts the responses and their tokens", "[train]") {
  const auto model = tiny_language_model(1);
  train::EvaluationProgress last;
  int kept = 0;
  const auto result = train::evaluate([&]() -> const model::Model& { return model; },
                                      copy_set({.greedy = true, .samples = 2, .chunk_problems = 3}), {},
                                      [&](const train::EvaluationProgress& progress) {
                                        last = progress;
                                        kept += progress.kept ? 1 : 0;
                                      });
  std::int64_t tokens = 0;
  for (const Answer& answer : result.answers) tokens += answer.tokens;
  CHECK(kept == 4);
  CHECK_FALSE(last.greedy);
  CHECK(last.done == 8);
  CHECK(last.total == 8);
  CHECK(last.sampled == 12);
  CHECK(last.tokens == tokens);
}

TEST_CASE("EvaluationOptions: there must be something to sample", "[train]") {
  CHECK(error_of([] { train::EvaluationOptions{.samples = 0}.validate(); }) ==
        "samples: expected 1 or more without greedy answers, got 0");
}
