#include "tempo/credit/gather.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tempo/tree/gather.h"
#include "tree/random_groups.h"

TEST_CASE("gather_credit: equals the credit of the gathered forest", "[credit]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    const auto random = tempo::testing::random_groups({.groups = 4, .seed = seed});
    const auto forest = tempo::tree::build_forest(random.flat());
    const auto credit = tempo::credit::assign_credit(forest, random.rewards);

    const std::vector<std::int32_t> groups{3, 1};
    const auto part =
        tempo::tree::gather_groups(std::vector<tempo::tree::GroupRef>{{&forest, 3}, {&forest, 1}});
    std::vector<float> rewards;
    for (const std::int32_t g : groups) {
      const auto at = static_cast<std::size_t>(g);
      rewards.insert(rewards.end(), random.rewards.begin() + forest.group_response[at],
                     random.rewards.begin() + forest.group_response[at + 1]);
    }
    const auto expected = tempo::credit::assign_credit(part, rewards);
    const auto gathered = tempo::credit::gather_credit(forest, credit, groups);
    REQUIRE(gathered.response == expected.response);
    REQUIRE(gathered.node == expected.node);
  }
}
