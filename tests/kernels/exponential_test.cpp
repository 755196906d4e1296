#include "exponential.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

using tempo::kernels::exp_nonpositive;

TEST_CASE("exp_nonpositive: is within two units in the last place of e^x", "[kernels]") {
  double worst = 0.0;
  for (float x = 0.0F; x >= -86.9F; x -= 0.00037F) {
    const double exact = std::exp(static_cast<double>(x));
    worst = std::max(worst, std::abs(exp_nonpositive(x) - exact) / exact);
  }
  CHECK(worst < 2 * 0x1.0p-23);
}

TEST_CASE("exp_nonpositive: is exact at 0 and 0 far below", "[kernels]") {
  CHECK(exp_nonpositive(0.0F) == 1.0F);
  CHECK(exp_nonpositive(-0.0F) == 1.0F);
  CHECK(exp_nonpositive(-87.1F) == 0.0F);
  CHECK(exp_nonpositive(-std::numeric_limits<float>::max()) == 0.0F);
  CHECK(exp_nonpositive(-std::numeric_limits<float>::infinity()) == 0.0F);
}

TEST_CASE("exp_nonpositive: NaN stays NaN", "[kernels]") {
  CHECK(std::isnan(exp_nonpositive(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("exp_nonpositive: registers get the bits of single numbers", "[kernels]") {
  for (float x = 0.0F; x >= -90.0F; x -= 0.37F) {
    tempo::kernels::Floats lanes = {};
    lanes += x;
    const tempo::kernels::Floats result = exp_nonpositive(lanes);
    for (int l = 0; l < tempo::kernels::kLanes; ++l) REQUIRE(result[l] == exp_nonpositive(x));
  }
}
