// The C interface over a device's memory.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdint>
#include <vector>

#include "buffer.h"
#include "tempo_kernels.h"

using Catch::Matchers::ContainsSubstring;
using tempo::test::Buffer;

namespace {

// Two groups: {1 2 3, 1 2 4, 1 5} and {7, 7}.
struct Input {
  std::vector<std::int32_t> tokens{1, 2, 3, 1, 2, 4, 1, 5, 7, 7}, response_offsets{0, 3, 6, 8, 9, 10},
      group_offsets{0, 3, 5};
  std::vector<float> rewards{1, 0, 0, 1, 0};
};

constexpr float kUntouched = 42;

struct Output {
  std::int32_t result;
  std::vector<float> advantages;
  std::int32_t error = 0;  // as the device wrote it, where asked for
};

tempo_groups groups_of(std::int32_t* tokens, std::int32_t* response_offsets, std::int32_t* group_offsets) {
  tempo_groups groups{};
  groups.groups = 2, groups.responses = 5, groups.largest_group = 3, groups.response_token_count = 10;
  groups.response_tokens = tokens, groups.response_offsets = response_offsets,
  groups.group_offsets = group_offsets;
  return groups;
}

constexpr tempo_credit_options kOptions{
    .estimator = TEMPO_TEMPO, .divide_by_std = 1, .epsilon = 1e-6, .value_shrinkage = 0};

Output on_cpu(Input input) {
  const tempo_groups groups =
      groups_of(input.tokens.data(), input.response_offsets.data(), input.group_offsets.data());
  std::vector<float> advantages(10, kUntouched);
  std::vector<std::uint64_t> workspace(tempo_token_advantages_workspace(TEMPO_CPU, &groups) / 8 + 1);
  const std::int32_t result =
      tempo_token_advantages(TEMPO_CPU, &groups, input.rewards.data(), &kOptions, advantages.data(),
                             workspace.data(), workspace.size() * 8, nullptr, nullptr);
  return {result, advantages};
}

Output on_device(const Input& input, bool asks_for_error) {
  Buffer tokens(input.tokens), response_offsets(input.response_offsets), group_offsets(input.group_offsets);
  Buffer rewards(input.rewards), advantages(std::vector<float>(10, kUntouched));
  Buffer error(std::vector<std::int32_t>{0});
  const tempo_groups groups = groups_of(tokens.data(), response_offsets.data(), group_offsets.data());
  Buffer<std::uint8_t> workspace(tempo_token_advantages_workspace(TEMPO_CUDA, &groups));
  const std::int32_t result = tempo_token_advantages(TEMPO_CUDA, &groups, rewards.data(), &kOptions,
                                                     advantages.data(), workspace.data(), workspace.size(),
                                                     asks_for_error ? error.data() : nullptr, nullptr);
  return {result, advantages.values(), error.values().front()};
}

}  // namespace

TEST_CASE("tempo_token_advantages: a device computes what the CPU does", TEMPO_TAGS) {
  const Output expected = on_cpu({}), got = on_device({}, false);
  CHECK(expected.result == TEMPO_OK);
  CHECK(got.result == TEMPO_OK);
  CHECK(got.advantages == expected.advantages);
}

TEST_CASE("tempo_token_advantages: what is wrong in a device's memory is said, and nothing written",
          TEMPO_TAGS) {
  Input falling;
  falling.response_offsets[2] = 2;
  const Output waited = on_device(falling, false);
  CHECK(waited.result == TEMPO_BAD_INPUT);
  CHECK_THAT(tempo_kernels_message(), ContainsSubstring("response_offsets: expected numbers that rise"));
  CHECK(waited.advantages == std::vector<float>(10, kUntouched));

  const Output queued = on_device(falling, true);
  CHECK(queued.result == TEMPO_OK);
  CHECK_THAT(tempo_groups_error_text(queued.error), ContainsSubstring("response_offsets: expected"));
  CHECK(queued.advantages == std::vector<float>(10, kUntouched));
}
