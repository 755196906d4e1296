#include "tempo/train/evaluate.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::WithinRel;

namespace {

train::EvaluationOptions sampled(std::int32_t samples) {
  return {.samples = samples, .sampling = {.max_new_tokens = 3, .stop_tokens = {kTurnEnd}}, .seed = 3};
}

}  // namespace

TEST_CASE("evaluate: the same seed and weights give the same responses", "[train]") {
  const auto model = tiny_language_model(1);
  const auto task = copy_task();
  const auto first = train::evaluate(model, task, sampled(8)),
             second = train::evaluate(model, task, sampled(8));
  CHECK(first.batch.text == second.batch.text);
  CHECK(first.accuracy == second.accuracy);
  auto other = sampled(8);
  other.seed = 4;
  CHECK(train::evaluate(model, task, other).batch.text != first.batch.text);
}

TEST_CASE("evaluate: greedy answers do not depend on the seed", "[train]") {
  const auto model = tiny_language_model(1);
  const auto task = copy_task();
  auto options = sampled(1);
  options.sampling.temperature = 0;
  const auto first = train::evaluate(model, task, options);
  options.seed = 99;
  CHECK(train::evaluate(model, task, options).batch.text == first.batch.text);
}

TEST_CASE("evaluate: every problem in order, with so many samples", "[train]") {
  const auto result = train::evaluate(tiny_language_model(1), copy_task(), sampled(5));
  CHECK(result.batch.example == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(result.batch.scores.size() == 20);
}

TEST_CASE("evaluate: accuracy, its standard error, lengths and cuts from the responses", "[train]") {
  const auto result = train::evaluate(tiny_language_model(1), copy_task(), sampled(16));
  double sum = 0, squares = 0, tokens = 0, cut = 0;
  for (std::size_t problem = 0; problem < 4; ++problem) {
    double right = 0;
    for (std::size_t r = 16 * problem; r < 16 * problem + 16; ++r) {
      right += result.batch.scores[r].correct ? 1 : 0;
      const auto response = tree::response_tokens(result.batch.forest, static_cast<std::int32_t>(r));
      tokens += static_cast<double>(response.size());
      cut += response.back() == kTurnEnd ? 0 : 1;
    }
    sum += right / 16;
    squares += right * right / 256;
  }
  REQUIRE(squares > 0);
  CHECK_THAT(result.accuracy, WithinRel(sum / 4, 1e-12));
  // Standard error of a mean of 4: sqrt(variance / 4), variance with the divisor 3.
  CHECK_THAT(result.standard_error, WithinRel(std::sqrt((squares - sum * sum / 4) / 3 / 4), 1e-9));
  CHECK_THAT(result.mean_length, WithinRel(tokens / 64, 1e-12));
  CHECK_THAT(result.truncated, WithinRel(cut / 64, 1e-12));
}

TEST_CASE("evaluate: hand numbers of a model that always says the same", "[train]") {
  auto model = tiny_language_model(1);
  {
    // With equal logits the greedy choice is one token for all problems, here "0": right for one of four.
    const at::NoGradGuard no_gradients;
    at::Tensor(model.output_weight()).zero_();
  }
  auto options = sampled(1);
  options.sampling.temperature = 0;
  options.sampling.max_new_tokens = 1;
  const auto result = train::evaluate(model, copy_task(), options);
  CHECK(result.batch.text == std::vector<std::string>{"0", "0", "0", "0"});
  CHECK(result.accuracy == 0.25);
  CHECK_THAT(result.standard_error, WithinRel(0.25, 1e-12));  // shares 1, 0, 0, 0: variance 0.25, over 4
  CHECK(result.mean_length == 1);
  CHECK(result.truncated == 1);
}

TEST_CASE("evaluate: one problem has no standard error", "[train]") {
  CHECK(train::evaluate(tiny_language_model(1), tiny_task({{"1", "1"}}), sampled(4)).standard_error == 0);
}
