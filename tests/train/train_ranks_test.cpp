// Training on several ranks: what is sent, and that all end together, whatever phase one of them is lost in.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "dist/ranks.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Matches;

TEST_CASE("run: a rank that is lost in any phase ends all with a line that names it", "[train_ranks]") {
  const std::string phase = GENERATE("rollout", "update", "evaluation", "checkpoint");
  const std::string action = GENERATE("kill", "stop", "starve", "fail");
  if (phase == "checkpoint" && action == "fail") return;  // below
  CAPTURE(phase, action);
  const auto results = run_ranks(3, phase + " " + action, 3, 2);
  const std::string what = action == "fail"     ? "rank 2: a disk of another kind"
                           : action == "starve" ? "rank 2: did not come within 3 s, it was after '"
                                                : "rank 2: ";
  for (std::size_t rank = 0; rank < 2; ++rank) {
    CAPTURE(rank);
    CHECK(results[rank].status == 1);
    CHECK_THAT(results[rank].output, ContainsSubstring(what));
  }
}

TEST_CASE("run: a full disk of one rank ends all with its line", "[train_ranks]") {
  const auto results = run_ranks(3, "checkpoint ENOSPC", 10, 2);
  for (const auto& result : results) {
    CHECK(result.status == 1);
    CHECK_THAT(result.output,
               ContainsSubstring("shard-2-of-3.safetensors: cannot write: No space left on device"));
  }
}

TEST_CASE("update_weights: a rank sends what the formula says", "[train_ranks]") {
  const int size = GENERATE(2, 3);
  for (const auto& result : run_ranks(size, "none bytes", 20)) {
    CAPTURE(result.output);
    CHECK(result.status == 0);
    const auto sent = result.output.find("sent "), formula = result.output.find(" formula ");
    REQUIRE(formula != std::string::npos);
    CHECK(std::stoll(result.output.substr(sent + 5)) == std::stoll(result.output.substr(formula + 9)));
    CHECK(std::stoll(result.output.substr(sent + 5)) > 100'000);
  }
}

TEST_CASE("update_weights: a loss that is no number on one rank changes no rank's weights", "[train_ranks]") {
  for (const auto& result : run_ranks(2, "none nan", 20)) {
    CHECK(result.status == 1);
    CHECK_THAT(result.output, ContainsSubstring("weights are kept") &&
                                  ContainsSubstring("update: expected a finite loss, got "));
  }
}
