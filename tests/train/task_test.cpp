#include "tempo/train/task.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <vector>

#include "support/tiny_language.h"

using namespace tempo;
using namespace tempo::testing;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("Task: a prompt is the user's turn and the opening of the answer", "[train]") {
  const auto task = tiny_task({{"12", "3"}});
  // <|im_start|>user\n12<|im_end|>\n<|im_start|>assistant\n without the letters, which the vocabulary lacks.
  CHECK(task.prompt(0) == std::vector<std::int32_t>{9, 7, 1, 2, 10, 7, 9, 7});
  CHECK(task.stop_tokens() == std::vector<std::int32_t>{kTurnEnd});
  CHECK(task.decode(std::vector<std::int32_t>{1, 6, 2, kTurnEnd}) == "1 2");
}

TEST_CASE("Task: the system message stands first", "[train]") {
  train::TaskOptions options;
  options.prompt.system = "5";
  const auto task = tiny_task({{"1", "1"}}, options);
  CHECK(task.prompt(0) == std::vector<std::int32_t>{9, 7, 5, 10, 7, 9, 7, 1, 10, 7, 9, 7});
}

TEST_CASE("Task: a prompt over the limit is an error that names file and row", "[train]") {
  train::TaskOptions options;
  options.max_prompt_tokens = 8;
  CHECK_NOTHROW(tiny_task({{"12", "3"}}, options));
  CHECK(error_of([&] {
          tiny_task({{"1", "3"}, {"123", "3"}}, options);
        }) ==
        "tiny.jsonl: example 1: expected a prompt of at most 8 tokens (max_prompt_tokens, "
        "skip_long_prompts), got 9");
  options.max_prompt_tokens = 0;
  CHECK(error_of([&] {
          tiny_task({{"1", "3"}}, options);
        }) == "max_prompt_tokens: expected 1 or more, got 0");
}

TEST_CASE("Task: long prompts and answers that the reward cannot score are left out when asked, and counted",
          "[train]") {
  train::TaskOptions options;
  options.max_prompt_tokens = 8;
  options.skip_long_prompts = true;
  options.skip_unscorable = true;
  const auto task = tiny_task({{"1", "1"}, {"123", "3"}, {"2", "two"}, {"3", "3"}, {"4", "four"}}, options);
  CHECK(task.size() == 2);
  CHECK(task.example(1).problem == "3");
  CHECK(task.prompt(1).size() == 7);
  CHECK(task.sets()[0].skipped_long == 1);
  CHECK(task.sets()[0].skipped_unscorable == 2);
  CHECK(error_of([&] {
          tiny_task({{"123", "3"}, {"2", "two"}}, options);
        }) ==
        "tiny.jsonl: expected examples that can be used, got 1 with longer prompts, 0 with shorter ones and "
        "1 that the rewards cannot score");
}

TEST_CASE("Task: short prompts are left out and counted", "[train]") {
  train::TaskOptions options;
  options.min_prompt_tokens = 8;
  const auto task = tiny_task({{"1", "1"}, {"12", "3"}}, options);
  CHECK(task.size() == 1);
  CHECK(task.example(0).problem == "12");
  CHECK(task.sets()[0].skipped_short == 1);
  options.min_prompt_tokens = 2000;
  CHECK(error_of([&] {
          tiny_task({{"1", "3"}}, options);
        }) == "min_prompt_tokens: expected 0 to max_prompt_tokens, 1024, got 2000");
}

TEST_CASE("Task: an answer that the reward cannot score is an error that names file and row", "[train]") {
  CHECK_THAT(error_of([] {
               tiny_task({{"1", "1"}, {"2", "two"}});
             }),
             ContainsSubstring("tiny.jsonl") && ContainsSubstring("'1'") && ContainsSubstring("two"));
}

TEST_CASE("Task: a template that does not fit an example is an error that names file and row", "[train]") {
  train::TaskOptions options;
  options.prompt.user = "{problem}{options}";
  CHECK_THAT(error_of([&] {
               tiny_task({{"1", "1"}}, options);
             }),
             ContainsSubstring("tiny.jsonl: prompt.user: ") && ContainsSubstring("'0'"));
  options.prompt.user = "{query}";
  CHECK(error_of([&] {
          tiny_task({{"1", "1"}}, options);
        }) == "prompt.user: expected {problem}, {options} or {question}, got {query}");
}
