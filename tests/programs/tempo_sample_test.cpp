// The program tempo-sample from the outside.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "programs/workspace.h"
#include "tempo/rollout/sampler.h"

using tempo::tests::Workspace;

namespace {

const std::string kSample = std::string(TEMPO_SAMPLE_PROGRAM) + " --threads 1 --max-new-tokens 8";

// What the library gives for a prompt of these tokens.
std::string expected(const std::vector<std::int32_t>& prompt, tempo::rollout::SamplingOptions sampling = {},
                     std::uint64_t seed = 0) {
  sampling.max_new_tokens = 8;
  sampling.stop_tokens = {tempo::testing::kTurnEnd};
  const std::vector<std::vector<std::int32_t>> prompts{prompt};
  const auto rollout =
      tempo::rollout::sample(tempo::testing::tiny_language_model(1), prompts, 1, sampling, {.seed = seed});
  return tempo::testing::tiny_tokenizer().decode(tempo::tree::response_tokens(rollout.forest, 0), true) +
         "\n";
}

tempo::rollout::SamplingOptions greedy() {
  tempo::rollout::SamplingOptions options;
  options.temperature = 0;
  return options;
}

const std::vector<std::int32_t> kChat{9, 7, 1, 2, 10, 7, 9, 7};  // "12" as the user's turn

}  // namespace

TEST_CASE("tempo-sample: a greedy answer in the model's chat format", "[programs]") {
  const auto result = Workspace().run(kSample, "model 12");
  CHECK(result.err.empty());
  CHECK(result.status == 0);
  CHECK(result.out == expected(kChat, greedy()));
}

TEST_CASE("tempo-sample: --raw continues the text", "[programs]") {
  CHECK(Workspace().run(kSample, "model 12 --raw").out == expected({1, 2}, greedy()));
}

TEST_CASE("tempo-sample: - reads the prompt from standard input, without its line break", "[programs]") {
  const Workspace workspace;
  CHECK(workspace.run(kSample, "model - --raw", "12\n").out == expected({1, 2}, greedy()));
  CHECK(workspace.run(kSample, "model -", "12\n").out == expected(kChat, greedy()));
}

TEST_CASE("tempo-sample: --system stands before the question", "[programs]") {
  const std::vector<std::int32_t> prompt{9, 7, 5, 10, 7, 9, 7, 1, 10, 7, 9, 7};
  CHECK(Workspace().run(kSample, "model 1 --system 5").out == expected(prompt, greedy()));
}

TEST_CASE("tempo-sample: draws by seed, temperature and truncation", "[programs]") {
  const Workspace workspace;
  CHECK(workspace.run(kSample, "model 12 --temperature 1 --seed 3").out == expected(kChat, {}, 3));
  tempo::rollout::SamplingOptions options;
  options.temperature = 2;
  options.top_k = 5;
  options.top_p = 0.8;
  options.min_p = 0.1;
  CHECK(workspace.run(kSample, "model 12 --temperature 2 --top-k 5 --top-p 0.8 --min-p 0.1 --seed 4").out ==
        expected(kChat, options, 4));
}

TEST_CASE("tempo-sample: several answers are numbered", "[programs]") {
  const Workspace workspace;
  const auto result = workspace.run(kSample, "model 12 --samples 2");
  const std::string one = expected(kChat, greedy());
  CHECK(result.out == "--- 1\n" + one + "--- 2\n" + one);
}

TEST_CASE("tempo-sample: an empty prompt and one over the model's positions are one line of error",
          "[programs]") {
  const Workspace workspace;
  const auto empty = workspace.run(kSample, "model - --raw");
  CHECK(empty.status == 1);
  CHECK(empty.err == "error: sample: prompt 0: expected tokens, got none\n");
  const auto big = workspace.run(kSample, "model " + std::string(60, '1'));
  CHECK(big.status == 1);
  CHECK(big.err == "error: sample: prompt 0: expected at most 64 positions, got 66 tokens + 8 new ones\n");
}
