#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <map>
#include <vector>

#include "tempo/tree/forest.h"
#include "tree/random_groups.h"

using tempo::testing::RandomGroups;
using tempo::tree::build_forest;
using tempo::tree::FlatGroups;
using tempo::tree::Forest;
using tempo::tree::Merge;
using Tokens = std::vector<std::int32_t>;

namespace {

constexpr std::uint64_t kForests = 2000;

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

// Returns the tokens from the root to the node, without the prompt.
Tokens prefix_of(const Forest& forest, std::int32_t node) {
  Tokens prefix;
  for (; node != -1 && forest.trainable[at(node)]; node = forest.parent[at(node)])
    prefix.insert(prefix.begin(), forest.token[at(node)]);
  return prefix;
}

// Returns how many responses of the group begin with each non-empty prefix: the definition of the tree. The
// map's order, a prefix before what continues it, is the order of the nodes.
std::map<Tokens, std::int32_t> prefixes_of(const FlatGroups& flat, std::int32_t group) {
  std::map<Tokens, std::int32_t> count;
  for (std::int32_t i = flat.group_offsets[at(group)]; i < flat.group_offsets[at(group) + 1]; ++i) {
    Tokens prefix;
    for (const std::int32_t token : flat.response(i)) {
      prefix.push_back(token);
      ++count[prefix];
    }
  }
  return count;
}

}  // namespace

TEST_CASE("build_forest: a small tree by hand", "[tree]") {
  const Tokens prompt{9, 8}, tokens{1, 2, 3, 1, 2, 1, 5, 1, 2, 3}, offsets{0, 3, 5, 7, 7, 10};
  const Tokens prompt_offsets{0, 2}, groups{0, 5};
  const Forest forest = build_forest({.prompt_tokens = prompt,
                                      .prompt_offsets = prompt_offsets,
                                      .response_tokens = tokens,
                                      .response_offsets = offsets,
                                      .group_offsets = groups});
  CHECK(forest.token == Tokens{9, 8, 1, 2, 3, 5});
  CHECK(forest.parent == Tokens{-1, 0, 1, 2, 3, 2});
  CHECK(forest.depth == Tokens{0, 1, 2, 3, 4, 3});
  CHECK(forest.weight == Tokens{5, 5, 4, 3, 2, 1});
  CHECK(forest.node_segment == Tokens{0, 0, 1, 2, 3, 4});
  CHECK(forest.first_leaf == Tokens{0, 0, 1, 1, 2, 4});
  CHECK(forest.leaf_response == Tokens{3, 1, 0, 4, 2});
  CHECK(forest.response_segment == Tokens{3, 2, 4, 0, 3});
  CHECK(forest.response_length == Tokens{3, 2, 2, 0, 3});
}

TEST_CASE("build_forest: the nodes are the distinct prefixes in order", "[tree]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    const Forest forest = build_forest(groups.flat());
    for (std::int32_t g = 0; g < forest.groups(); ++g) {
      std::int32_t node = forest.group_node[at(g)];
      for (const std::int32_t token : groups.flat().prompt(g)) {
        REQUIRE(forest.token[at(node)] == token);
        REQUIRE(!forest.trainable[at(node++)]);
      }
      for (const auto& [prefix, count] : prefixes_of(groups.flat(), g)) {
        REQUIRE(forest.trainable[at(node)]);
        REQUIRE(prefix_of(forest, node) == prefix);
        REQUIRE(forest.weight[at(node++)] == count);
      }
      REQUIRE(node == forest.group_node[at(g) + 1]);
    }
  }
}

TEST_CASE("build_forest: responses come back, with what was known of their tokens", "[tree]") {
  for (std::uint64_t seed = 0; seed < kForests; ++seed) {
    CAPTURE(seed);
    const RandomGroups groups = random_groups(tempo::testing::any_shape(seed));
    const FlatGroups flat = groups.flat();
    for (const Merge merge : {Merge::kPrefixes, Merge::kNone}) {
      const Forest forest = build_forest(flat, merge);
      for (std::int32_t i = 0; i < flat.responses(); ++i) {
        const auto tokens = flat.response(i);
        REQUIRE(response_tokens(forest, i) == Tokens(tokens.begin(), tokens.end()));
        std::size_t t = at(flat.response_offsets[at(i)]);
        for (const auto [begin, end] : response_path(forest, i))
          for (std::int32_t n = begin; n < end; ++n)
            if (forest.trainable[at(n)]) {
              REQUIRE(forest.old_logp[at(n)] == groups.old_logp[t]);
              REQUIRE(forest.entropy[at(n)] == groups.entropy[t++]);
            }
      }
    }
  }
}

TEST_CASE("build_forest: the order of the responses changes no node", "[tree]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    tempo::testing::RandomGroupsOptions options = tempo::testing::any_shape(seed);
    options.groups = 1;
    const RandomGroups groups = random_groups(options);
    const FlatGroups flat = groups.flat();
    RandomGroups reversed;
    for (std::int32_t i = flat.responses(); i-- > 0;) {
      const auto tokens = flat.response(i);
      reversed.response_tokens.insert(reversed.response_tokens.end(), tokens.begin(), tokens.end());
      reversed.response_offsets.push_back(static_cast<std::int32_t>(reversed.response_tokens.size()));
    }
    FlatGroups other = reversed.flat();
    other.prompt_tokens = flat.prompt_tokens;
    other.prompt_offsets = flat.prompt_offsets;
    other.group_offsets = flat.group_offsets;
    const Forest a = build_forest(flat), b = build_forest(other);
    REQUIRE(a.token == b.token);
    REQUIRE(a.parent == b.parent);
    REQUIRE(a.weight == b.weight);
    REQUIRE(a.segments == b.segments);
  }
}

TEST_CASE("build_forest: without merging each response is its own chain in the caller's order", "[tree]") {
  const Tokens tokens{1, 2, 1, 2, 0}, offsets{0, 2, 4, 4, 5}, groups{0, 4};
  const Forest forest = build_forest(
      {.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups}, Merge::kNone);
  CHECK(forest.token == tokens);
  CHECK(forest.parent == Tokens{-1, 0, -1, 2, -1});
  CHECK(forest.weight == Tokens{1, 1, 1, 1, 1});
  CHECK(forest.leaf_response == Tokens{0, 1, 2, 3});
  CHECK(forest.response_segment == Tokens{1, 2, 0, 3});
  CHECK(forest.segments.size() == 4);
}

TEST_CASE("build_forest: no groups, and groups without responses", "[tree]") {
  const Tokens zero{0}, prompt{7}, prompt_offsets{0, 1}, groups{0, 0};
  CHECK(build_forest({.response_offsets = zero, .group_offsets = zero}) == Forest{});
  const Forest forest = build_forest({.prompt_tokens = prompt,
                                      .prompt_offsets = prompt_offsets,
                                      .response_offsets = zero,
                                      .group_offsets = groups});
  CHECK(forest.token == Tokens{7});
  CHECK(forest.weight == Tokens{0});
  CHECK(forest.responses() == 0);
}

TEST_CASE("build_forest: time grows with the tokens, not with their pairs", "[tree]") {
  // 1,024 responses of 4,096 tokens that part only at the last one. Comparing all pairs reads 2e9 tokens;
  // this reads 4e6, some milliseconds, so 2 s leave room for a busy machine under sanitizers.
  constexpr std::int32_t kResponses = 1024, kLength = 4096;
  Tokens tokens(at(kResponses) * kLength, 1), offsets(kResponses + 1);
  const Tokens groups{0, kResponses};
  for (std::int32_t i = 0; i < kResponses; ++i) {
    offsets[at(i) + 1] = offsets[at(i)] + kLength;
    tokens[at(offsets[at(i) + 1]) - 1] = (i * 7) % kResponses;
  }
  const auto start = std::chrono::steady_clock::now();
  const Forest forest =
      build_forest({.response_tokens = tokens, .response_offsets = offsets, .group_offsets = groups});
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  CHECK(forest.nodes() == kLength - 1 + kResponses);
}
