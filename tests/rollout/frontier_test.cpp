#include "rollout/frontier.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cstdint>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using tempo::rollout::Frontier;
using tempo::rollout::FrontierNode;
using tempo::rollout::FrontierShape;

namespace {

using Tokens = std::vector<std::int32_t>;

// Draws the given tokens, one a member of the only set, in response order.
void draw(Frontier& frontier, const Tokens& tokens) {
  REQUIRE(frontier.nodes().size() == 1);
  const auto members = frontier.members(frontier.nodes()[0]);
  REQUIRE(members.size() == tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) members[i].token = tokens[i];
  frontier.advance();
}

// The slots of a node's path, such as "0..4 8..9 ".
std::string path(const Frontier& frontier, std::size_t node) {
  std::ostringstream text;
  for (const auto range : frontier.path(frontier.nodes()[node]))
    text << range.begin << ".." << range.end << ' ';
  return text.str();
}

// A cache that remembers tokens instead of keys, and what each response has drawn.
struct TokenCache {
  std::vector<std::int32_t> slot;
  std::map<std::pair<std::int32_t, std::int32_t>, Tokens> drawn;  // by group and response

  // Feeds the node's new tokens to their slots; returns the tokens on its path.
  Tokens feed(const Frontier& frontier, const FrontierNode& node, const Tokens& prompt) {
    const auto ranges = frontier.path(node);
    if (node.length == 0) {
      REQUIRE(ranges.size() == 1);
      for (std::size_t i = 0; i < prompt.size(); ++i)
        slot.at(static_cast<std::size_t>(ranges[0].begin) + i) = prompt[i];
    } else {
      slot.at(static_cast<std::size_t>(ranges.back().end) - 1) = node.token;
    }
    Tokens tokens;
    for (const auto range : ranges)
      for (auto s = range.begin; s < range.end; ++s) tokens.push_back(slot.at(static_cast<std::size_t>(s)));
    return tokens;
  }
};

}  // namespace

TEST_CASE("Frontier: equal tokens stay together, others fork to their first response's slots", "[rollout]") {
  Frontier frontier({.responses = 3, .max_new_tokens = 5, .longest_prompt = 4, .places = 1});
  CHECK(frontier.slots() == 4 + 3 * 4);
  frontier.admit(Tokens{7, 8, 9});
  CHECK(path(frontier, 0) == "0..3 ");
  draw(frontier, {5, 5, 5});
  CHECK(path(frontier, 0) == "0..4 ");  // the first response's slots follow the prompt's
  draw(frontier, {6, 4, 6});
  REQUIRE(frontier.nodes().size() == 2);
  CHECK(path(frontier, 0) == "0..4 8..9 ");  // response 1: slots 7 to 10
  CHECK(path(frontier, 1) == "0..5 ");
}

TEST_CASE("Frontier: stop tokens end responses, the length limit cuts them", "[rollout]") {
  Frontier frontier(
      {.responses = 3, .max_new_tokens = 2, .longest_prompt = 1, .places = 1, .stop_tokens = {0, 2}});
  frontier.admit(Tokens{7});
  draw(frontier, {5, 2, 5});
  CHECK(frontier.ended() == 1);
  CHECK_FALSE(frontier.has_free_place());
  draw(frontier, {0, 6});
  CHECK(frontier.ended() == 3);
  CHECK(frontier.nodes().empty());
  CHECK(frontier.has_free_place());
  CHECK(frontier.truncated() == std::vector<std::uint8_t>{0, 0, 1});
  const auto forest = frontier.forest();
  CHECK(tempo::tree::response_tokens(forest, 0) == Tokens{5, 0});
  CHECK(tempo::tree::response_tokens(forest, 1) == Tokens{2});
  CHECK(tempo::tree::response_tokens(forest, 2) == Tokens{5, 6});
}

TEST_CASE("Frontier: one token a response needs no slots but the prompt's", "[rollout]") {
  Frontier frontier({.responses = 2, .max_new_tokens = 1, .longest_prompt = 3, .places = 1});
  CHECK(frontier.slots() == 3);
  frontier.admit(Tokens{1, 2, 3});
  draw(frontier, {4, 5});
  CHECK(frontier.truncated() == std::vector<std::uint8_t>{1, 1});
}

TEST_CASE("Frontier: paths hold their own tokens while groups come and go", "[rollout]") {
  const auto seed = GENERATE(range(0U, 50U));
  CAPTURE(seed);
  std::mt19937 engine(seed);
  const auto random = [&](std::int32_t n) {
    return static_cast<std::int32_t>(engine() % static_cast<unsigned>(n));
  };
  std::vector<Tokens> prompts(9);
  for (auto& prompt : prompts)
    for (auto length = 1 + random(5); length > 0; --length) prompt.push_back(random(100));
  const FrontierShape shape{.responses = 1 + random(7),
                            .max_new_tokens = 1 + random(9),
                            .longest_prompt = 5,
                            .places = 1 + random(3),
                            .stop_tokens = {0}};
  const auto vocab = 2 + random(4);  // few tokens: sets stay together for a while

  Frontier frontier(shape);
  TokenCache cache;
  cache.slot.resize(static_cast<std::size_t>(frontier.slots()));
  std::size_t next = 0;
  while (true) {
    while (next < prompts.size() && frontier.has_free_place()) frontier.admit(prompts[next++]);
    if (frontier.nodes().empty()) break;
    for (const auto& node : frontier.nodes()) {
      const auto& prompt = prompts[static_cast<std::size_t>(node.group)];
      const auto tokens = cache.feed(frontier, node, prompt);
      for (auto& member : frontier.members(node)) {
        auto& drawn = cache.drawn[{node.group, member.response}];
        auto expected = prompt;
        expected.insert(expected.end(), drawn.begin(), drawn.end());
        REQUIRE(tokens == expected);
        drawn.push_back(member.token = random(vocab));
      }
    }
    frontier.advance();
  }
  REQUIRE(next == prompts.size());
  const auto forest = frontier.forest();
  for (const auto& [who, tokens] : cache.drawn)
    CHECK(tempo::tree::response_tokens(forest, who.first * shape.responses + who.second) == tokens);
}
