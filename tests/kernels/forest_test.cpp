#include "tempo/kernels/forest.h"

#include <catch2/catch_test_macros.hpp>
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
