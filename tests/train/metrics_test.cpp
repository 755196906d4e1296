#include "tempo/train/metrics.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <limits>

#include "tempo/core/error.h"

using tempo::train::Metrics;

TEST_CASE("Metrics: JSON keeps the order in which names were first set", "[train]") {
  Metrics metrics;
  metrics.set("step", 3);
  metrics.set("loss", 0.1);
  metrics.set("a/b", -2);
  metrics.set("step", 4);
  CHECK(metrics.json() == R"({"step":4,"loss":0.1,"a/b":-2})");
  CHECK(metrics.values().size() == 3);
  CHECK(Metrics().json() == "{}");
}

TEST_CASE("Metrics: a number that is not finite becomes null", "[train]") {
  Metrics metrics;
  metrics.set("nan", std::nan(""));
  metrics.set("inf", -std::numeric_limits<double>::infinity());
  CHECK(metrics.json() == R"({"nan":null,"inf":null})");
}

TEST_CASE("Metrics: numbers read back exactly, and whole ones have no fraction", "[train]") {
  Metrics metrics;
  metrics.set("third", 1.0 / 3);
  metrics.set("tokens", 123456789012);
  metrics.set("huge", 1e300);
  CHECK(metrics.json() == R"({"third":0.3333333333333333,"tokens":123456789012,"huge":1e+300})");
}

TEST_CASE("Metrics: at finds a value, and an unknown name is an error that says it", "[train]") {
  Metrics metrics;
  metrics.set("loss", 2);
  CHECK(metrics.contains("loss"));
  CHECK(metrics.at("loss") == 2);
  CHECK_FALSE(metrics.contains("los"));
  CHECK_THROWS_MATCHES(metrics.at("los"), tempo::Error,
                       Catch::Matchers::Message("Metrics: expected a known name, got los"));
}
