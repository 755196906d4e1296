#include "tempo/optim/schedule.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tempo/core/error.h"

using Catch::Matchers::Message;
using Catch::Matchers::WithinAbs;
using tempo::optim::Decay;
using tempo::optim::schedule_factor;
using tempo::optim::ScheduleOptions;

namespace {

std::vector<double> factors(const ScheduleOptions& options, std::int64_t total_steps, std::int64_t steps) {
  std::vector<double> values;
  for (std::int64_t step = 0; step < steps; ++step)
    values.push_back(schedule_factor(options, step, total_steps));
  return values;
}

}  // namespace

TEST_CASE("schedule_factor: warm-up rises to the peak from the first update", "[optim]") {
  CHECK(factors({.warmup_steps = 4}, 100, 6) == std::vector<double>{0.25, 0.5, 0.75, 1, 1, 1});
}

TEST_CASE("schedule_factor: linear decay reaches its end after the last update", "[optim]") {
  CHECK(factors({.decay = Decay::kLinear, .warmup_steps = 2}, 6, 8) ==
        std::vector<double>{0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0});
  CHECK(factors({.decay = Decay::kLinear, .final_ratio = 0.5}, 2, 4) ==
        std::vector<double>{1, 0.75, 0.5, 0.5});
}

TEST_CASE("schedule_factor: cosine decay follows half a cosine", "[optim]") {
  const ScheduleOptions options{.decay = Decay::kCosine, .warmup_steps = 1, .final_ratio = 0.2};
  // cos(0), cos(60 degrees), cos(120 degrees), cos(180 degrees): remaining 1, 3/4, 1/4, 0 of 0.8.
  const std::vector<double> expected{1, 1, 0.8, 0.4, 0.2, 0.2};
  const std::vector<double> got = factors(options, 4, 6);
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK_THAT(got[i], WithinAbs(expected[i], 1e-15));
}

TEST_CASE("schedule_factor: a warm-up longer than the run never decays", "[optim]") {
  CHECK(factors({.decay = Decay::kLinear, .warmup_steps = 4}, 2, 4) ==
        std::vector<double>{0.25, 0.5, 0.75, 1});
}

TEST_CASE("schedule_factor: bad options are named", "[optim]") {
  CHECK_THROWS_MATCHES(schedule_factor({.warmup_steps = -1}, 0, 1), tempo::Error,
                       Message("warmup_steps: expected 0 or more, got -1"));
  CHECK_THROWS_MATCHES(schedule_factor({.final_ratio = 1.5}, 0, 1), tempo::Error,
                       Message("final_ratio: expected a number of [0, 1], got 1.5"));
  CHECK_THROWS_AS(schedule_factor({.final_ratio = std::nan("")}, 0, 1), tempo::Error);
  CHECK_THROWS_MATCHES(schedule_factor({}, -1, 1), tempo::Error,
                       Message("schedule_factor: expected step 0 or more, got -1"));
  CHECK_THROWS_MATCHES(schedule_factor({.decay = Decay::kCosine}, 0, 0), tempo::Error,
                       Message("schedule_factor: expected total_steps 1 or more, got 0"));
}
