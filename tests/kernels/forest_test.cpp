#include "tempo/kernels/forest.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <vector>

using namespace tempo::kernels;
using Numbers = std::vector<std::int32_t>;

namespace {

// Groups of two responses of kLength tokens, of which the first kShared are equal: more nodes than one thread
// takes at a time and than caches hold, at odd places.
constexpr std::int32_t kGroups = 3, kLength = 200'001, kShared = 70'003;
constexpr std::int32_t kNodes = 2 * kLength - kShared;  // of a group

struct Built {
  Built() {
    for (std::int32_t r = 0; r < 2 * kGroups; ++r) {
      for (std::int32_t t = 0; t < kLength; ++t) tokens.push_back(t < kShared ? t : t + 1 + r % 2);
      response_offsets.push_back(static_cast<std::int32_t>(tokens.size()));
    }
    const FlatGroups flat{.groups = kGroups,
                          .responses = 2 * kGroups,
                          .largest_group = 2,
                          .response_token_count = std::ssize(tokens),
                          .group_offsets = group_offsets.data(),
                          .response_offsets = response_offsets.data(),
                          .response_tokens = tokens.data()};
    std::vector<ForestSegment> segments(static_cast<std::size_t>(most_segments(kGroups, 2 * kGroups)));
    Numbers responses(6 * kGroups), groups(2 * kGroups + 2);
    std::int32_t* const r = responses.data();
    const ForestPlan plan{
        r,     r + 2 * kGroups, r + 4 * kGroups, segments.data(), groups.data(), groups.data() + kGroups + 1,
        &error};
    cpu::plan_forest(flat, ForestMerge::kPrefixes, plan);
    cpu::write_nodes(flat, plan,
                     {.token = token.data(),
                      .parent = parent.data(),
                      .depth = depth.data(),
                      .weight = weight.data(),
                      .first_leaf = first_leaf.data(),
                      .segment = segment.data(),
                      .trainable = trainable.data()});
  }

  Numbers tokens, response_offsets{0}, group_offsets{0, 2, 4, 6};
  GroupsError error{};
  Numbers token = Numbers(kGroups * kNodes), parent = token, depth = token, weight = token,
          first_leaf = token, segment = token;
  std::vector<std::uint8_t> trainable = std::vector<std::uint8_t>(token.size());
};

}  // namespace

TEST_CASE("forest: more nodes than caches hold", "[kernels]") {
  const Built built;
  REQUIRE(built.error == GroupsError::kNone);
  std::int32_t wrong = 0;
  for (std::int32_t n = 0; n < kGroups * kNodes; ++n) {
    const std::int32_t group = n / kNodes, i = n % kNodes, leaf = i < kLength ? 0 : 1;
    const std::int32_t depth = leaf == 0 ? i : i - kLength + kShared,
                       piece = leaf + (depth < kShared ? 0 : 1);
    const std::int32_t parent = depth == 0 ? -1 : depth == kShared ? group * kNodes + kShared - 1 : n - 1;
    const auto at = static_cast<std::size_t>(n);
    const bool is_right = built.token[at] == (depth < kShared ? depth : depth + 1 + leaf) &&
                          built.parent[at] == parent && built.depth[at] == depth &&
                          built.weight[at] == (depth < kShared ? 2 : 1) &&
                          built.first_leaf[at] == 2 * group + leaf &&
                          built.segment[at] == 4 * group + 1 + piece && built.trainable[at] == 1;
    wrong += is_right ? 0 : 1;
  }
  CHECK(wrong == 0);
}

namespace {

// The leaves of one group of responses, all of `length` tokens.
struct Order {
  Order(const Numbers& tokens, std::int32_t length, ForestMerge merge = ForestMerge::kPrefixes)
      : responses(static_cast<std::int32_t>(tokens.size()) / length),
        leaf_response(static_cast<std::size_t>(responses), -7),
        leaf_shared(leaf_response) {
    Numbers response_offsets, group_offsets{0, responses}, groups(4), ends(leaf_response);
    for (std::int32_t r = 0; r <= responses; ++r) response_offsets.push_back(r * length);
    std::vector<ForestSegment> segments(static_cast<std::size_t>(most_segments(1, responses)));
    cpu::plan_forest({.groups = 1,
                      .responses = responses,
                      .largest_group = responses,
                      .response_token_count = std::ssize(tokens),
                      .group_offsets = group_offsets.data(),
                      .response_offsets = response_offsets.data(),
                      .response_tokens = tokens.data()},
                     merge,
                     {leaf_response.data(), leaf_shared.data(), ends.data(), segments.data(), groups.data(),
                      groups.data() + 2, &error});
  }
  std::int32_t responses;
  GroupsError error{};
  Numbers leaf_response, leaf_shared;
};

}  // namespace

TEST_CASE("plan_forest: responses that part around the pieces in which they are read", "[kernels]") {
  constexpr std::int32_t kTokens = 2100;
  for (const std::int32_t shared : {0, 1, 31, 32, 33, 255, 256, 257, 1023, 1024, 1025, 2047, 2048, 2099})
    for (const std::int32_t longer : {shared, kTokens - 1}) {
      CAPTURE(shared, longer);
      // Response 0 leaves the others after `shared` tokens, and comes last; 2 and 3 leave 1 after `longer`.
      Numbers tokens(4 * kTokens, 5);
      tokens[static_cast<std::size_t>(shared)] = 6;
      for (const std::int32_t response : {2, 3})
        tokens[static_cast<std::size_t>(response * kTokens + longer)] = 4;
      const Order order(tokens, kTokens);
      CHECK(order.error == GroupsError::kNone);
      CHECK(order.leaf_response == Numbers{2, 3, 1, 0});
      CHECK(order.leaf_shared == Numbers{0, kTokens, longer, shared});
    }
}

TEST_CASE("plan_forest: a negative token is found wherever it stands, and nothing written", "[kernels]") {
  constexpr std::int32_t kTokens = 2100;
  for (const ForestMerge merge : {ForestMerge::kPrefixes, ForestMerge::kNone})
    for (const std::int32_t at : {0, 1, 1023, 1024, 2047, 2048, 2099})
      for (std::int32_t response = 0; response < 3; ++response) {
        CAPTURE(at, response);
        Numbers tokens(3 * kTokens, 5);
        tokens[kTokens + 1000] = 6;  // of response 1: later tokens are compared to no other
        tokens[static_cast<std::size_t>(response * kTokens + at)] = INT32_MIN;
        const Order order(tokens, kTokens, merge);
        CHECK(order.error == GroupsError::kNegativeToken);
        CHECK(order.leaf_response == Numbers(3, -7));
        CHECK(order.leaf_shared == Numbers(3, -7));
      }
}
