#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/tree/forest.h"

using Catch::Matchers::Message;
using tempo::tree::FlatGroups;
using Numbers = std::vector<std::int32_t>;

namespace {

// Two groups of one response each, which the tests spoil in one place.
struct Sample {
  Numbers prompt_tokens{1, 2}, prompt_offsets{0, 1, 2};
  Numbers response_tokens{3, 4, 5}, response_offsets{0, 2, 3};
  Numbers group_offsets{0, 1, 2};
  std::vector<float> old_logp{}, entropy{};

  void validate() const {
    FlatGroups{prompt_tokens, prompt_offsets, response_tokens, response_offsets,
               group_offsets, old_logp,       entropy}
        .validate();
  }
};

void check_error(const Sample& sample, const char* text) {
  CHECK_THROWS_MATCHES(sample.validate(), tempo::Error, Message(text));
}

}  // namespace

TEST_CASE("FlatGroups: consistent arrays pass, prompts may be left out", "[tree]") {
  CHECK_NOTHROW(Sample().validate());
  CHECK_NOTHROW(Sample{.prompt_tokens = {}, .prompt_offsets = {}}.validate());
}

TEST_CASE("FlatGroups: wrong offsets are errors", "[tree]") {
  check_error({.group_offsets = {}}, "FlatGroups: group_offsets: expected at least 1 offset, got 0");
  check_error({.response_offsets = {}}, "FlatGroups: response_offsets: expected at least 1 offset, got 0");
  check_error({.prompt_offsets = {0, 2}}, "FlatGroups: prompt_offsets: expected 3 offsets, got 2");
  check_error({.prompt_offsets = {}}, "FlatGroups: prompt_offsets: expected 3 offsets, got 0");
  check_error({.response_offsets = {1, 2, 3}}, "FlatGroups: response_offsets: expected to begin at 0, got 1");
  check_error({.response_offsets = {0, 4, 3}},
              "FlatGroups: response_offsets: expected offsets that do not fall, got 4 before 3");
  check_error({.response_offsets = {0, 2, 4}}, "FlatGroups: response_offsets: expected to end at 3, got 4");
  check_error({.group_offsets = {0, 1, 1}}, "FlatGroups: group_offsets: expected to end at 2, got 1");
}

TEST_CASE("FlatGroups: negative tokens are errors", "[tree]") {
  check_error({.prompt_tokens = {1, -2}},
              "FlatGroups: prompt_tokens: expected token ids of at least 0, got -2");
  check_error({.response_tokens = {3, -1, 5}},
              "FlatGroups: response_tokens: expected token ids of at least 0, got -1");
}

TEST_CASE("FlatGroups: columns of another length are errors", "[tree]") {
  check_error({.old_logp = {0}}, "FlatGroups: old_logp: expected 3 numbers or none, got 1");
  check_error({.entropy = {0, 0}}, "FlatGroups: entropy: expected 3 numbers or none, got 2");
}
