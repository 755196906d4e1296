#include "train/checkpoint_files.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "train/train_fixtures.h"

using namespace tempo;
using namespace tempo::train;
using tempo::testing::error_of;

namespace {

const CheckpointState kState{
    .trainer = {.step = 7, .cursor = 56, .updates = 14, .num_tokens = 1234},
    .evaluated = true,
    .logs = {{"metrics.jsonl", 99}},
    .metrics = {{"reward", 0.1}, {"loss", std::numeric_limits<double>::quiet_NaN()}},
    .identity = {
        .version = "1.2", .config = "a: \"b\"\n", .data = 0xfedcba9876543210, .config_fingerprint = 5}};

// The state's text with another value.
std::string changed(const char* key, const nlohmann::json& value) {
  auto json = nlohmann::json::parse(state_text(kState));
  json[key] = value;
  return json.dump();
}

}  // namespace

TEST_CASE("Checkpoint files: the state reads as it was written, without numbers that are not finite",
          "[train]") {
  const auto state = parse_state("x", state_text(kState));
  CHECK(state.trainer == kState.trainer);
  CHECK(state.evaluated);
  CHECK(state.logs == kState.logs);
  CHECK(state.metrics == std::map<std::string, double>{{"reward", 0.1}});
  CHECK(state.identity == kState.identity);
}

TEST_CASE("Checkpoint files: what is no state is an error in one line", "[train]") {
  const std::string whole = state_text(kState);
  for (const std::string& text :
       {std::string(), std::string("[]"), whole.substr(1), changed("step", -1), changed("cursor", 1.5),
        changed("updates", "2"), changed("num_tokens", std::numeric_limits<std::uint64_t>::max()),
        changed("evaluated", 1), changed("logs", {{"metrics.jsonl", -1}}),
        changed("metrics", {{"loss", "x"}}), changed("data", "5"), changed("config_fingerprint", 5),
        changed("config", nullptr)}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_state("a/state.json", text); }) ==
          "a/state.json: expected the state of a run, got something else");
  }
}

TEST_CASE("Checkpoint files: the manifest reads as it was written", "[train]") {
  const Manifest files{{"state.json", {.size = 1873, .xxh3 = 0x8a5f0f1c2b3d4e5f}}, {"b", {}}};
  CHECK((parse_manifest("x", manifest_text(files)) == files));
  CHECK(nlohmann::json::parse(manifest_text(files)) ==
        nlohmann::json::parse(R"({"format": "tempo checkpoint 1", "files": {
          "b": {"size": 0, "xxh3": "0000000000000000"},
          "state.json": {"size": 1873, "xxh3": "8a5f0f1c2b3d4e5f"}}})"));
}

TEST_CASE("Checkpoint files: what is no manifest, or names files elsewhere, is an error", "[train]") {
  const auto with_file = [](const char* name, const nlohmann::json& size, const char* xxh3) {
    return nlohmann::json{{"format", "tempo checkpoint 1"},
                          {"files", {{name, {{"size", size}, {"xxh3", xxh3}}}}}}
        .dump();
  };
  const char* const digits = "0000000000000001";
  CHECK_NOTHROW(parse_manifest("x", with_file("a", 1, digits)));
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"),
        std::string(R"({"format": "tempo checkpoint 2", "files": {}})"), with_file("../a", 1, digits),
        with_file("..", 1, digits), with_file("/a", 1, digits), with_file("", 1, digits),
        with_file("a", -1, digits), with_file("a", 1.5, digits), with_file("a", 1, "1"),
        with_file("a", 1, "000000000000000z")}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_manifest("a/manifest.json", text); }) ==
          "a/manifest.json: expected the manifest of a tempo checkpoint 1, got something else");
  }
}
