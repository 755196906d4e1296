#include "tempo/train/options.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>

#include "io/scratch.h"
#include "tempo/train/evaluate.h"
#include "tempo/train/run.h"

using namespace tempo::train;
using tempo::testing::error_of;

namespace {

// The first word of the error that the options give.
template <typename Options>
std::string refused_field(const Options& options) {
  const std::string error = error_of([&] { options.validate(); });
  return error.substr(0, error.find(':'));
}

}  // namespace

TEST_CASE("LoopOptions: the defaults are valid", "[train]") {
  CHECK_NOTHROW(LoopOptions{}.validate());
  CHECK_NOTHROW(TrainOptions{}.validate());
  CHECK_NOTHROW(RunOptions{}.validate());
  CHECK_NOTHROW((LoopOptions{.steps = 1, .epochs = 0}.validate()));
}

TEST_CASE("LoopOptions: an error names the field", "[train]") {
  CHECK(refused_field(LoopOptions{.steps = -1}) == "steps");
  CHECK(refused_field(LoopOptions{.epochs = 0}) == "epochs");
  CHECK(refused_field(LoopOptions{.prompts_per_step = 0}) == "prompts_per_step");
  CHECK(refused_field(LoopOptions{.responses_per_prompt = 0}) == "responses_per_prompt");
  CHECK(refused_field(LoopOptions{.mini_batch_prompts = 9}) == "mini_batch_prompts");
  CHECK(refused_field(LoopOptions{.mini_batch_prompts = -1}) == "mini_batch_prompts");
  CHECK(refused_field(LoopOptions{.updates_per_batch = 0}) == "updates_per_batch");
  CHECK(refused_field(LoopOptions{.micro_batch_tokens = 0}) == "micro_batch_tokens");
  CHECK(refused_field(LoopOptions{.max_refills = -1}) == "max_refills");
  CHECK(refused_field(LoopOptions{.max_grad_norm = -1}) == "max_grad_norm");
  CHECK(refused_field(LoopOptions{.max_grad_norm = std::nan("")}) == "max_grad_norm");
}

TEST_CASE("RunOptions: an error names the field", "[train]") {
  CHECK(refused_field(EvaluationOptions{.samples = -1}) == "samples");
  CHECK(refused_field(RunOptions{.evaluate_every = -1}) == "evaluate_every");
  CHECK(refused_field(RunOptions{.save_every = -1}) == "save_every");
  CHECK(refused_field(RunOptions{.completions_every = -1}) == "completions_every");
}

TEST_CASE("TrainOptions: greedy sampling cannot train", "[train]") {
  CHECK(refused_field(TrainOptions{.sampling = {.temperature = 0, .stop_tokens = {}}}) ==
        "sampling.temperature");
}

TEST_CASE("TrainOptions: every part is validated", "[train]") {
  CHECK(refused_field(TrainOptions{.loop = {.steps = -1}}) == "steps");
  CHECK_THROWS_AS((TrainOptions{.sampling = {.top_p = 2, .stop_tokens = {}}}.validate()), tempo::Error);
  CHECK_THROWS_AS((TrainOptions{.advantage = {.epsilon = -1}}.validate()), tempo::Error);
  CHECK_THROWS_AS((TrainOptions{.loss = {.clip_low = -1}}.validate()), tempo::Error);
  CHECK_THROWS_AS((TrainOptions{.optimizer = {.beta1 = 1}}.validate()), tempo::Error);
  CHECK_THROWS_AS((TrainOptions{.schedule = {.warmup_steps = -1}}.validate()), tempo::Error);
}

TEST_CASE("LoopOptions: steps are given, or cover the epochs", "[train]") {
  CHECK(LoopOptions{.steps = 7, .epochs = 3}.total_steps(100) == 7);
  CHECK(LoopOptions{.epochs = 1, .prompts_per_step = 8}.total_steps(16) == 2);
  CHECK(LoopOptions{.epochs = 1, .prompts_per_step = 8}.total_steps(17) == 3);
  CHECK(LoopOptions{.epochs = 3, .prompts_per_step = 8}.total_steps(17) == 7);  // 51 prompts
}

TEST_CASE("LoopOptions: updates of a step are its mini-batches times its passes", "[train]") {
  CHECK(LoopOptions{.prompts_per_step = 8}.updates_per_step() == 1);
  CHECK(LoopOptions{.prompts_per_step = 8, .mini_batch_prompts = 2}.updates_per_step() == 4);
  CHECK(LoopOptions{.prompts_per_step = 8, .mini_batch_prompts = 3, .updates_per_batch = 2}
            .updates_per_step() == 6);
}
