// Ids and texts equal to those of Python's `tokenizers` (tests/golden/text/make_text.py).
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "golden.h"

namespace tempo::text {

namespace {

// Compares the ids of every golden string, and reports the first few that differ.
void check_strings(const Tokenizer& tokenizer, const std::string& name) {
  const std::vector<nlohmann::json> strings = golden::lines("strings.jsonl");
  const std::vector<std::uint32_t> hashes = golden::hashes(name + ".hash");
  REQUIRE(strings.size() >= 10000);
  REQUIRE(hashes.size() == strings.size());
  constexpr std::size_t kShown = 5;
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < strings.size() && wrong.size() < kShown; ++i) {
    const auto text = strings[i].get<std::string>();
    if (golden::hash(tokenizer.encode(text)) != hashes[i]) wrong.push_back(strings[i].dump(-1, ' ', true));
  }
  CHECK(wrong == std::vector<std::string>{});
}

}  // namespace

TEST_CASE("Tokenizer: ids of tokenizer.json equal those of Python on all strings", "[text]") {
  const std::string name = GENERATE("gpt2", "qwen2", "llama3", "mixed");
  CAPTURE(name);
  check_strings(Tokenizer::load(golden::path(name + ".json")), name);
}

TEST_CASE("Tokenizer: ids of a GGUF vocabulary equal those of Python on all strings", "[text]") {
  const std::string name = GENERATE("gpt2", "qwen2", "llama3");
  CAPTURE(name);
  check_strings(Tokenizer::load(golden::path(name + ".gguf")), name);
}

TEST_CASE("Tokenizer: ids of SmolLM2's GGUF equal those of Python on all strings", "[text]") {
  check_strings(Tokenizer::load(golden::smollm2_gguf()), "smollm2");
}

TEST_CASE("Tokenizer: the listed ids are found one by one", "[text]") {
  const std::string name = GENERATE("gpt2", "qwen2", "llama3", "mixed", "smollm2");
  CAPTURE(name);
  const auto file = name == "smollm2" ? golden::smollm2_gguf() : golden::path(name + ".json");
  const Tokenizer tokenizer = Tokenizer::load(file);
  const std::vector<nlohmann::json> strings = golden::lines("strings.jsonl");
  const std::vector<nlohmann::json> ids = golden::lines(name + ".ids.jsonl");
  REQUIRE(ids.size() == 200);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    CAPTURE(strings[i].dump(-1, ' ', true));
    CHECK(tokenizer.encode(strings[i].get<std::string>()) == ids[i].get<std::vector<std::int32_t>>());
  }
}

TEST_CASE("Tokenizer: texts of random ids equal those of Python", "[text]") {
  const std::string name = GENERATE("gpt2", "qwen2", "llama3", "mixed", "smollm2");
  CAPTURE(name);
  const auto file = name == "smollm2" ? golden::smollm2_gguf() : golden::path(name + ".json");
  const Tokenizer tokenizer = Tokenizer::load(file);
  for (const nlohmann::json& row : golden::lines(name + ".decoded.jsonl")) {
    CAPTURE(row.dump(-1, ' ', true));
    const auto ids = row.at("ids").get<std::vector<std::int32_t>>();
    CHECK(tokenizer.decode(ids) == row.at("text").get<std::string>());
    CHECK(tokenizer.decode(ids, true) == row.at("skipped").get<std::string>());
  }
}

TEST_CASE("Tokenizer: what was saved and read again gives the same ids", "[text]") {
  const std::string name = GENERATE("gpt2.gguf", "qwen2.gguf", "llama3.gguf", "mixed.json");
  CAPTURE(name);
  const golden::Folder folder;
  Tokenizer::load(golden::path(name)).save(folder.path());
  check_strings(Tokenizer::load(folder.path()), name.substr(0, name.find('.')));
}

}  // namespace tempo::text
