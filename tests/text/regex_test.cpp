#include "regex.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tempo/core/error.h"

namespace tempo::text {

namespace {

std::vector<std::string> found(const std::string& pattern, std::string_view text) {
  std::vector<std::string> parts;
  for (const Span& span : Regex::compile(pattern, "test").find_all(text)) {
    parts.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return parts;
}

using Parts = std::vector<std::string>;

}  // namespace

TEST_CASE("Regex: classes of Unicode, look-ahead and case folding", "[text]") {
  CHECK(found(R"(\p{L}+|\p{N})", "ab\u00E912\u0663") == Parts{"ab\u00E9", "1", "2", "\u0663"});
  CHECK(found(R"(\s+(?!\S)|\s+)", "a   b ") == Parts{"  ", " ", " "});
  CHECK(found(R"((?i:'s|'ll))", "it'S we'LL '\u017F") == Parts{"'S", "'LL", "'\u017F"});
}

TEST_CASE("Regex: white space is Unicode's, not PCRE2's", "[text]") {
  CHECK(found(R"(\s)", "\u0085\u180E\u00A0") == Parts{"\u0085", "\u00A0"});
  CHECK(found(R"([^\s]+)", "a\u0085\u180E") == Parts{"a", "\u180E"});
  CHECK(found(R"([\S]+)", "a\u0085\u180E") == Parts{"a", "\u180E"});
}

TEST_CASE("Regex: an empty match is found once and goes on", "[text]") {
  const std::vector<Span> spans = Regex::compile("x*", "test").find_all("ax\u00E9");
  CHECK(spans == std::vector<Span>{{0, 0}, {1, 2}, {4, 4}});
}

TEST_CASE("Regex: lines, scripts and code points are read as Oniguruma does", "[text]") {
  CHECK(found("^b", "a\nb") == Parts{"b"});
  CHECK(found(R"(\p{Han}+)", "\u3001\u4E2D\u3042") == Parts{"\u4E2D"});
  CHECK(found(R"([\u0041-\x{43}]+)", "xABCD") == Parts{"ABC"});
}

TEST_CASE("Regex: literal text has no special characters", "[text]") {
  CHECK(Regex::literal(".*", "test").find_all("a.*b") == std::vector<Span>{{1, 3}});
}

TEST_CASE("Regex: refuses what is wrong or has another meaning in PCRE2", "[text]") {
  const std::string pattern = GENERATE("(a", "[a-z&&[^b]]", "[a[b]]", R"(\w+)", R"(\bx)", R"(\h)",
                                       R"(a{1,2}+)", R"(\p)", R"(\1)", "a\\", R"(\u12)");
  CAPTURE(pattern);
  CHECK_THROWS_AS(Regex::compile(pattern, "test"), Error);
}

TEST_CASE("Regex: a group that repeats 200,000 times is matched", "[text]") {
  const std::string text(200000, 'a');
  CHECK(Regex::compile("(?:a|b)+c?", "test").find_all(text) == std::vector<Span>{{0, text.size()}});
}

}  // namespace tempo::text
