#include "pre_tokenizer.h"

#include <catch2/catch_test_macros.hpp>

#include "added_tokens.h"
#include "bpe.h"
#include "tempo/core/error.h"

namespace tempo::text {

namespace {

using Parts = std::vector<std::string>;

Parts split(SplitBehavior behavior, bool invert, std::string_view text) {
  const std::vector<PreTokenizerStep> steps{SplitStep{Regex::compile("-", "test"), behavior, invert}};
  const Pieces pieces = pre_tokenize(steps, text);
  return Parts(pieces.views.begin(), pieces.views.end());
}

// The ids of the tokens and texts of a split, as "[id]" and text.
std::string marked(const std::vector<AddedToken>& tokens, std::string_view text) {
  std::vector<std::string> contents;
  for (const AddedToken& token : tokens) contents.push_back(token.content);
  std::string out;
  for (const auto& part : AddedTokenFinder(tokens, contents).split(text)) {
    out += part.id < 0 ? core::concat('(', part.text, ')') : core::concat('[', part.id, ']');
  }
  return out;
}

}  // namespace

TEST_CASE("pre_tokenize: the five behaviours of a split", "[text]") {
  const std::string text = "the-final--countdown";
  CHECK(split(SplitBehavior::kRemoved, false, text) == Parts{"the", "final", "countdown"});
  CHECK(split(SplitBehavior::kIsolated, false, text) == Parts{"the", "-", "final", "-", "-", "countdown"});
  CHECK(split(SplitBehavior::kMergedWithPrevious, false, text) == Parts{"the-", "final-", "-", "countdown"});
  CHECK(split(SplitBehavior::kMergedWithNext, false, text) == Parts{"the", "-final", "-", "-countdown"});
  CHECK(split(SplitBehavior::kContiguous, false, text) == Parts{"the", "-", "final", "--", "countdown"});
}

TEST_CASE("pre_tokenize: an inverted split takes the text between for the matches", "[text]") {
  CHECK(split(SplitBehavior::kRemoved, true, "a-b-") == Parts{"-", "-"});
  CHECK(split(SplitBehavior::kMergedWithPrevious, true, "-a-b") == Parts{"-a", "-b"});
}

TEST_CASE("pre_tokenize: a prefix space only where there is none", "[text]") {
  const std::vector<PreTokenizerStep> steps{PrefixSpaceStep{}};
  CHECK(pre_tokenize(steps, "a").views[0] == " a");
  CHECK(pre_tokenize(steps, " a").views[0] == " a");
  CHECK(pre_tokenize(steps, "").views.empty());
}

TEST_CASE("AddedTokenFinder: the leftmost and there the longest token is found", "[text]") {
  const std::vector<AddedToken> tokens{
      {.id = 1, .content = "ab"}, {.id = 2, .content = "abcd"}, {.id = 3, .content = "bc"}};
  CHECK(marked(tokens, "xabcdabcab") == "(x)[2][1](c)[1]");
  CHECK(marked(tokens, "") == "");
}

TEST_CASE("AddedTokenFinder: flags take space and refuse the inside of words", "[text]") {
  CHECK(marked({{.id = 1, .content = "<m>", .lstrip = true}}, "a \u3000<m> b") == "(a)[1]( b)");
  CHECK(marked({{.id = 1, .content = "<m>", .rstrip = true}}, "a <m>\n b") == "(a )[1](b)");
  const std::vector<AddedToken> both{{.id = 1, .content = "<m>", .lstrip = true, .rstrip = true}};
  CHECK(marked(both, "<m>  <m>") == "[1][1]");
  const std::vector<AddedToken> word{{.id = 1, .content = "the", .single_word = true}};
  CHECK(marked(word, "the other, the\u00E9 the") == "[1]( other, the\u00E9 )[1]");
}

TEST_CASE("Bpe: the earliest merge goes first, and of equal ones the leftmost", "[text]") {
  const Vocabulary vocabulary{{"a", 0}, {"b", 1}, {"c", 2}, {"bc", 3}, {"ab", 4}, {"aa", 5}, {"abc", 6}};
  const std::vector<std::pair<std::string, std::string>> merges{
      {"b", "c"}, {"a", "b"}, {"a", "a"}, {"a", "bc"}};
  const Bpe bpe(vocabulary, merges, {}, "test");
  std::vector<std::int32_t> ids;
  bpe.encode("abcabaaa", ids);
  CHECK(ids == std::vector<std::int32_t>{6, 4, 5, 0});
}

TEST_CASE("Bpe: unknown bytes give the unknown token, one a run if fused", "[text]") {
  const Vocabulary vocabulary{{"a", 0}, {"?", 1}};
  std::vector<std::int32_t> ids;
  Bpe(vocabulary, {}, {.unknown_id = 1}, "test").encode("axxa", ids);
  CHECK(ids == std::vector<std::int32_t>{0, 1, 1, 0});
  ids.clear();
  Bpe(vocabulary, {}, {.unknown_id = 1, .fuse_unknown = true}, "test").encode("axxa", ids);
  CHECK(ids == std::vector<std::int32_t>{0, 1, 0});
}

TEST_CASE("Bpe: a piece that is a token stays whole where merges are ignored", "[text]") {
  const Vocabulary vocabulary{{"a", 0}, {"\u0120", 1}, {"\u0120aa", 2}};
  std::vector<std::int32_t> ids;
  Bpe(vocabulary, {}, {.ignore_merges = true}, "test").encode(" aa", ids);
  CHECK(ids == std::vector<std::int32_t>{2});
}

}  // namespace tempo::text
