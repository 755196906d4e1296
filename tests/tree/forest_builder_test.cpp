#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <random>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/tree/forest.h"
#include "tree/random_groups.h"

using Catch::Matchers::Message;
using tempo::testing::RandomGroups;
using tempo::tree::FlatGroups;
using tempo::tree::Forest;
using tempo::tree::ForestBuilder;

namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Grows the forest of the groups as a sampler does: all groups at once, a random response one token at a
// time.
Forest grow(const RandomGroups& groups, std::uint64_t seed) {
  struct Growing {
    std::int32_t group, index, handle, next, end;
  };
  std::mt19937_64 random(seed);
  ForestBuilder builder;
  std::vector<Growing> growing;
  const FlatGroups flat = groups.flat();
  for (std::int32_t g = 0; g < flat.groups(); ++g) {
    const std::int32_t first = flat.group_offsets[at(g)], last = flat.group_offsets[at(g) + 1];
    const std::int32_t root = builder.add_group(flat.prompt(g), last - first);
    for (std::int32_t i = first; i < last; ++i)
      growing.push_back({g, i - first, root, flat.response_offsets[at(i)], flat.response_offsets[at(i) + 1]});
  }
  while (!growing.empty()) {
    std::swap(growing[random() % growing.size()], growing.back());
    Growing& r = growing.back();
    if (r.next < r.end) {
      const std::size_t t = at(r.next++);
      r.handle = builder.append(r.handle, groups.response_tokens[t], groups.old_logp[t], groups.entropy[t]);
    } else {
      builder.end_response(r.group, r.index, r.handle);
      growing.pop_back();
    }
  }
  return builder.build();
}

}  // namespace

TEST_CASE("ForestBuilder: equals build_forest, whatever the order of growth", "[tree]") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    REQUIRE(grow(groups, seed) == build_forest(groups.flat()));
  }
}

TEST_CASE("ForestBuilder: a response ends at its prompt until it is told otherwise", "[tree]") {
  ForestBuilder builder;
  const std::vector<std::int32_t> prompt{4, 4};
  builder.add_group(prompt, 3);
  const Forest forest = builder.build();
  CHECK(forest.token == prompt);
  CHECK(forest.response_length == std::vector<std::int32_t>{0, 0, 0});
}

TEST_CASE("ForestBuilder: a child that exists keeps its columns", "[tree]") {
  ForestBuilder builder;
  const std::int32_t root = builder.add_group({}, 1);
  const std::int32_t child = builder.append(root, 5, -0.5F, 1.5F);
  CHECK(builder.append(root, 5, -9, 9) == child);
  builder.end_response(0, 0, child);
  CHECK(builder.build().old_logp == std::vector<float>{-0.5F});
  CHECK(builder.build().entropy == std::vector<float>{1.5F});
}

TEST_CASE("ForestBuilder: a node that no response passes is an error", "[tree]") {
  ForestBuilder builder;
  builder.append(builder.add_group({}, 2), 7, 0, 0);
  CHECK_THROWS_MATCHES(builder.build(), tempo::Error,
                       Message("ForestBuilder: expected a response through every node, got none through "
                               "handle 1 (group 0, token 7)"));
}

TEST_CASE("ForestBuilder: bad handles, tokens and indices are errors", "[tree]") {
  ForestBuilder builder;
  const std::vector<std::int32_t> bad_prompt{1, -1};
  const std::int32_t root = builder.add_group({}, 1), other = builder.add_group({}, 1);
  const auto check_error = [](const auto& call, const char* text) {
    CHECK_THROWS_MATCHES(call(), tempo::Error, Message(text));
  };
  check_error([&] { builder.add_group({}, -1); }, "ForestBuilder: responses: expected at least 0, got -1");
  check_error([&] { builder.add_group(bad_prompt, 1); },
              "ForestBuilder: prompt: expected token ids of at least 0, got -1");
  check_error([&] { builder.append(2, 1, 0, 0); }, "ForestBuilder: parent: expected 0 to below 2, got 2");
  check_error([&] { builder.append(root, -3, 0, 0); },
              "ForestBuilder: token: expected an id of at least 0, got -3");
  check_error([&] { builder.end_response(2, 0, root); },
              "ForestBuilder: group: expected 0 to below 2, got 2");
  check_error([&] { builder.end_response(0, 1, root); },
              "ForestBuilder: response: expected 0 to below 1, got 1");
  check_error([&] { builder.end_response(0, 0, -1); },
              "ForestBuilder: handle: expected 0 to below 2, got -1");
  check_error([&] { builder.end_response(0, 0, other); },
              "ForestBuilder: handle: expected one of group 0, got 1 of group 1");
}
