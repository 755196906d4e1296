// Pairs of answers, equal or not by mathematics alone (tests/golden/reward/make_math_pairs.py).
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tempo/reward/math.h"

namespace {

struct Pair {
  std::string gold, pred, kind;
  bool equivalent = false;
};

// Returns the pairs that are not under debate.
std::vector<Pair> read_pairs() {
  std::ifstream file(TEMPO_GOLDEN_DIR "/reward/math_pairs.jsonl");
  std::vector<Pair> pairs;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    if (!row.contains("debate"))
      pairs.push_back({row.at("gold"), row.at("pred"), row.at("kind"), row.at("equivalent")});
  }
  return pairs;
}

void check_pairs(bool equivalent) {
  const tempo::reward::MathOptions options{.places = tempo::reward::lenient_places()};
  for (const Pair& pair : read_pairs()) {
    if (pair.equivalent != equivalent) continue;
    const auto verdict = tempo::reward::score_math(pair.pred, pair.gold, options);
    INFO(pair.kind << ": gold " << pair.gold << ", pred " << pair.pred << ": " << verdict.reason);
    CHECK(verdict.score == (equivalent ? 1 : 0));
  }
}

}  // namespace

TEST_CASE("score_math: equal answers in other spellings are right", "[reward][math]") { check_pairs(true); }

TEST_CASE("score_math: different answers that look alike are wrong", "[reward][math]") { check_pairs(false); }

TEST_CASE("score_math: the table of pairs is whole", "[reward][math]") { CHECK(read_pairs().size() >= 1200); }
