#include "tempo/core/error.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

using Catch::Matchers::Message;

TEST_CASE("TEMPO_CHECK: throws one line made of its arguments", "[core]") {
  const int got = 3;
  CHECK_THROWS_MATCHES([&] { TEMPO_CHECK(got == 4, "count: expected ", 4, ", got ", got); }(), tempo::Error,
                       Message("count: expected 4, got 3"));
}

TEST_CASE("TEMPO_CHECK: a quoted value does not break the line", "[core]") {
  const std::string got("a\nb\0c\x1b[1m\x7f", 10);
  CHECK_THROWS_MATCHES([&] { TEMPO_CHECK(false, "key: got '", got, "', é"); }(), tempo::Error,
                       Message("key: got 'a?b?c?[1m?', é"));
}

TEST_CASE("TEMPO_CHECK: does nothing when the condition holds", "[core]") {
  CHECK_NOTHROW([] { TEMPO_CHECK(true, "never written"); }());
}
