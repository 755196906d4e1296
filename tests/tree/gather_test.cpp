#include "tempo/tree/gather.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <vector>

#include "tempo/core/error.h"
#include "tempo/tree/forest.h"
#include "tree/random_groups.h"

using tempo::tree::Forest;
using tempo::tree::GroupRef;

namespace {

Forest random_forest(std::uint64_t seed, int groups) {
  const auto random = tempo::testing::random_groups({.groups = groups, .seed = seed});
  return tempo::tree::build_forest(random.flat());
}

}  // namespace

TEST_CASE("gather_groups: all groups in order give the forest itself", "[tree]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const Forest forest = random_forest(seed, 5);
    std::vector<GroupRef> refs;
    for (int g = 0; g < 5; ++g) refs.push_back({&forest, g});
    REQUIRE(tempo::tree::gather_groups(refs) == forest);
  }
}

TEST_CASE("gather_groups: each group alone, gathered from different forests, keeps its columns", "[tree]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    INFO("seed " << seed);
    const Forest a = random_forest(seed, 3), b = random_forest(seed + 1000, 2);
    const Forest mixed = tempo::tree::gather_groups(std::vector<GroupRef>{{&b, 1}, {&a, 2}, {&a, 0}});
    REQUIRE(mixed.groups() == 3);
    const std::vector<GroupRef> sources{{&b, 1}, {&a, 2}, {&a, 0}};
    for (int g = 0; g < 3; ++g) {
      const Forest alone =
          tempo::tree::gather_groups(std::vector<GroupRef>{sources[static_cast<std::size_t>(g)]});
      REQUIRE(tempo::tree::gather_groups(std::vector<GroupRef>{{&mixed, g}}) == alone);
    }
  }
}

TEST_CASE("gather_groups: a group that is not there is an error", "[tree]") {
  const Forest forest = random_forest(1, 2);
  CHECK_THROWS_MATCHES(tempo::tree::gather_groups(std::vector<GroupRef>{{&forest, 2}}), tempo::Error,
                       Catch::Matchers::Message("gather_groups: expected a group from 0 to below 2, got 2"));
}
