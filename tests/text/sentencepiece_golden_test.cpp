// Ids and texts equal to those of Python's `sentencepiece` (tests/golden/text/make_sentencepiece.py).
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "golden.h"

namespace tempo::text {

namespace {

namespace fs = std::filesystem;

fs::path fetched(const std::string& file) { return fs::path(TEMPO_DEPS_DIR) / file; }

// Compares the ids of every golden string without special tokens, and reports the first few that differ.
void check_strings(const Tokenizer& tokenizer, const std::string& name) {
  const std::vector<nlohmann::json> strings = golden::lines("strings.jsonl");
  const std::vector<std::uint32_t> hashes = golden::hashes(name + ".hash");
  REQUIRE(hashes.size() == strings.size());
  constexpr std::size_t kShown = 5;
  std::vector<std::string> wrong;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < strings.size() && wrong.size() < kShown; ++i) {
    if (hashes[i] == 0) continue;
    ++compared;
    const auto ids = tokenizer.encode(strings[i].get<std::string>());
    if (golden::hash(ids) != hashes[i]) wrong.push_back(strings[i].dump(-1, ' ', true));
  }
  CHECK(wrong == std::vector<std::string>{});
  CHECK(compared >= 10000);
}

void check_decoded(const Tokenizer& tokenizer, const std::string& name) {
  for (const nlohmann::json& row : golden::lines(name + ".decoded.jsonl")) {
    CAPTURE(row.dump(-1, ' ', true));
    const auto ids = row.at("ids").get<std::vector<std::int32_t>>();
    CHECK(tokenizer.decode(ids) == row.at("text").get<std::string>());
  }
}

void check_all(const fs::path& file, const std::string& name) {
  if (!fs::exists(file)) SKIP("no " << file << "; scripts/setup.sh fetches it");
  const Tokenizer tokenizer = Tokenizer::load(file);
  check_strings(tokenizer, name);
  check_decoded(tokenizer, name);
}

}  // namespace

TEST_CASE("Tokenizer: ids and texts of small .model files equal those of Python", "[text]") {
  const std::string name = GENERATE("sp_bpe", "sp_unigram");
  CAPTURE(name);
  check_all(golden::path(name + ".model"), name);
}

TEST_CASE("Tokenizer: ids of a GGUF vocabulary of pieces equal those of Python on all strings", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.gguf"));
  check_strings(tokenizer, "sp_bpe");
  check_decoded(tokenizer, "sp_bpe");
}

TEST_CASE("Tokenizer: ids and texts of Mistral's .model files equal those of Python", "[text]") {
  const auto [name, file] = GENERATE(
      table<std::string, std::string>({{"mistral-v1", "tokenizer.model.v1"},
                                       {"mistral-v2", "mistral_instruct_tokenizer_240216.model.v2"},
                                       {"mistral-v3", "mistral_instruct_tokenizer_240323.model.v3"}}));
  CAPTURE(name);
  check_all(fetched("sentencepiece/" + file), name);
}

TEST_CASE("Tokenizer: ids and texts of Gemma 3's GGUF equal those of Python", "[text]") {
  check_all(fetched("gemma/gemma-3-270m-q4_k_m.gguf"), "gemma3");
}

TEST_CASE("Tokenizer: a saved sentencepiece tokenizer gives the same ids", "[text]") {
  const auto [file, name] = GENERATE(
      table<std::string, std::string>({{"sp_bpe.gguf", "sp_bpe"}, {"sp_unigram.model", "sp_unigram"}}));
  const golden::Folder folder;
  Tokenizer::load(golden::path(file)).save(folder.path());
  check_strings(Tokenizer::load(folder.path()), name);
}

}  // namespace tempo::text
