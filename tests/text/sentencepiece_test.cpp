#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>

#include "golden.h"
#include "sentencepiece_model.h"
#include "tempo/core/error.h"
#include "tempo/text/chat.h"

namespace tempo::text {

namespace {

using Catch::Matchers::ContainsSubstring;
using Ids = std::vector<std::int32_t>;

std::string bytes_of_model(const std::string& name) { return golden::bytes(golden::path(name + ".model")); }

// A folder with tokenizer.model and the given configuration.
Tokenizer load_with(const std::string& config, const std::string& name = "sp_bpe") {
  const golden::Folder folder;
  folder.write("tokenizer.model", bytes_of_model(name));
  folder.write("tokenizer_config.json", config);
  return Tokenizer::load(folder.path());
}

Ids joined(std::initializer_list<Ids> parts) {
  Ids all;
  for (const Ids& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// The message of the error that reading the bytes gives; empty if it gives none.
std::string error_of(const std::string& model) {
  const golden::Folder folder;
  try {
    Tokenizer::load(folder.write("tokenizer.model", model));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// A model file of a few pieces, the first of type unknown.
std::string small_model(const std::vector<Piece>& pieces) {
  SentencepieceModel model;
  model.pieces = {{"<unk>", 0, PieceKind::kUnknown}};
  model.pieces.insert(model.pieces.end(), pieces.begin(), pieces.end());
  return serialize_sentencepiece(model);
}

}  // namespace

TEST_CASE("Tokenizer: a .model file names its special tokens", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  CHECK(tokenizer.vocab_size() == 700);
  CHECK(tokenizer.unk_id() == 0);
  CHECK(tokenizer.bos_id() == 1);
  CHECK(tokenizer.eos_id() == 2);
  CHECK(tokenizer.pad_id() == 3);
  CHECK(tokenizer.is_special(*tokenizer.find("<|end|>")));
  CHECK(tokenizer.is_special(0));
  CHECK_FALSE(tokenizer.is_special(*tokenizer.find("<b>")));
  CHECK_FALSE(tokenizer.find("<absent>"));
}

TEST_CASE("Tokenizer: special tokens in the text are found, and the space stands before the first part",
          "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  const Ids expected = joined({tokenizer.encode("ab"), Ids{2}, tokenizer.encode("</s> cd")});
  CHECK(tokenizer.encode("ab</s></s> cd") == expected);
  CHECK(tokenizer.encode("</s> cd") == joined({Ids{2}, tokenizer.encode("cd")}));
  CHECK(tokenizer.encode("<|end|>") == Ids{*tokenizer.find("<|end|>")});
}

TEST_CASE("Tokenizer: the legacy setting puts a space before every part", "[text]") {
  const Tokenizer legacy = load_with(R"({"legacy": true})");
  const Tokenizer current = load_with(R"({"legacy": false})");
  CHECK(legacy.encode("a</s>cd") == joined({legacy.encode("a"), Ids{2}, legacy.encode("cd")}));
  CHECK(current.encode("a</s> cd") == joined({legacy.encode("a"), Ids{2}, legacy.encode("cd")}));
}

TEST_CASE("Tokenizer: text goes to pieces and back, byte for byte", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  for (const nlohmann::json& line : golden::lines("strings.jsonl")) {
    const auto text = line.get<std::string>();
    if (text.find("\xE2\x96\x81") != std::string::npos) continue;  // the mark of a space comes back as one
    CAPTURE(line.dump(-1, ' ', true));
    REQUIRE(tokenizer.decode(tokenizer.encode(text)) == text);
  }
}

TEST_CASE("Tokenizer: the begin of a piece sequence is the begin of its text", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  const std::string text = " The caf\xC3\xA9 \xE2\x98\x83 costs 3,50.";
  const Ids ids = tokenizer.encode(text);
  for (std::size_t n = 0; n <= ids.size(); ++n) {
    std::string begin = tokenizer.decode(std::span(ids).first(n));
    while (begin.ends_with("\xEF\xBF\xBD")) begin.resize(begin.size() - 3);  // a character that is cut
    CHECK(text.starts_with(begin));
  }
}

TEST_CASE("Tokenizer: decode leaves special pieces out when asked to", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  const Ids ids = joined({Ids{1}, tokenizer.encode("ab"), Ids{0, 2}});
  CHECK(tokenizer.decode(ids, true) == "ab");
  CHECK(tokenizer.decode(ids) == "<s> ab<unk></s>");
  CHECK(tokenizer.decode(Ids{700, 100000}) == "");
  CHECK_THROWS_AS(tokenizer.decode(Ids{-1}), Error);
}

TEST_CASE("Tokenizer: bytes that are not UTF-8 count as U+FFFD for pieces too", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  CHECK(tokenizer.encode("a\xFF\xE2\x98 b") == tokenizer.encode("a\xEF\xBF\xBD\xEF\xBF\xBD b"));
  const std::string with_nul("a\0b", 3);
  CHECK(tokenizer.decode(tokenizer.encode(with_nul)) == with_nul);
}

TEST_CASE("Tokenizer: a word of 400,000 characters takes no quadratic time with pieces", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(tokenizer.encode(std::string(400000, 'a')).empty());
  // About 1 s; n^2 steps of a nanosecond would be 160 s.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("Tokenizer: the configuration beside a .model file is used", "[text]") {
  const Tokenizer tokenizer = load_with(R"({"eos_token": "<|im_end|>", "chat_template": "one",
    "added_tokens_decoder": {"2": {"content": "</s>", "special": true},
                             "700": {"content": "<|im_end|>", "special": true},
                             "702": {"content": "<tool>", "special": false}}})");
  CHECK(tokenizer.vocab_size() == 703);
  CHECK(tokenizer.eos_id() == 700);
  CHECK(tokenizer.chat_template() == "one");
  CHECK(tokenizer.encode("<tool><|im_end|>") == Ids{702, 700});
  CHECK(tokenizer.decode(Ids{702, 700, 701}, true) == "<tool>");
}

TEST_CASE("Tokenizer: tokenizer.json goes before tokenizer.model", "[text]") {
  const golden::Folder folder;
  folder.write("tokenizer.model", bytes_of_model("sp_bpe"));
  folder.write("tokenizer.json", golden::bytes(golden::path("gpt2.json")));
  CHECK(Tokenizer::load(folder.path()).vocab_size() ==
        Tokenizer::load(golden::path("gpt2.json")).vocab_size());
}

TEST_CASE("Tokenizer: a token that the .model file has under another text is an error", "[text]") {
  CHECK_THROWS_WITH(load_with(R"({"added_tokens_decoder": {"2": {"content": "<end>"}}})"),
                    ContainsSubstring("expected </s> as token 2"));
  CHECK_THROWS_WITH(load_with(R"({"added_tokens_decoder": {"x": {"content": "<end>"}}})"),
                    ContainsSubstring("expected an id of"));
  CHECK_THROWS_WITH(load_with(R"({"eos_token": "<end>"})"), ContainsSubstring("expected a token <end>"));
}

TEST_CASE("Tokenizer: a chat conversation with pieces has one begin token", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("sp_bpe.model"));
  const ChatFormat format = chat_format("mistral-v3");
  const std::vector<Message> messages{{"user", "ab"}};
  const Ids ids = tokenizer.encode(render_chat(format, messages, true));
  const Ids expected =
      joined({Ids{1, *tokenizer.find("[INST]")}, tokenizer.encode("ab"), Ids{*tokenizer.find("[/INST]")}});
  CHECK(ids == expected);
  CHECK(stop_tokens(format, tokenizer) == Ids{2});
}

TEST_CASE("Tokenizer: a damaged .model file is one clear line", "[text]") {
  const auto [part, model] = GENERATE(table<std::string, std::string>(
      {{"one of type unknown, got 0", ""},
       {"expected more bytes", "\x0A"},
       {"expected 5 bytes in field 1, got 1", "\x0A\x05x"},
       {"expected a wire type of 0, 1, 2 or 5, got 3", "\x0B"},
       {"number of at most 10 bytes", std::string("\x08").append(11, '\xFF')},
       {"got 2 and 2 of that type", small_model({{"<u>", 0, PieceKind::kUnknown}})},
       {"piece 1: expected a type of 1 to 6, got 9", small_model({{"a", 0, static_cast<PieceKind>(9)}})},
       {"piece 1: expected a text of 1 to 4096 bytes", small_model({{"", 0, PieceKind::kNormal}})},
       {"piece 1: expected UTF-8 without NUL", small_model({{"\xFF", 0, PieceKind::kNormal}})},
       {"the library refuses: ", small_model({{"a"}, {"a"}})},
       {"the library refuses: ", small_model({{"a", 0, PieceKind::kByte}})}}));
  const std::string message = error_of(model);
  CAPTURE(message);
  CHECK(message.find(part) != std::string::npos);
  CHECK(message.find("tokenizer.model: ") != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("Tokenizer: no truncation of a .model file goes further than an error", "[text]") {
  const std::string whole = bytes_of_model("sp_bpe");
  const golden::Folder folder;
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const auto file = folder.write("tokenizer.model", whole.substr(0, length));
    try {
      Tokenizer::load(file);
    } catch (const Error&) {
      continue;
    }
  }
  CHECK_THROWS_AS(Tokenizer::load(folder.write("tokenizer.model", whole.substr(0, whole.size() / 2 + 1))),
                  Error);
}

TEST_CASE("Tokenizer: a table of normalisation that points outside is an error", "[text]") {
  std::string model = bytes_of_model("sp_unigram");
  const std::size_t at = model.find("nmt_nfkc") + std::string("nmt_nfkc").size() + 4;  // past the length
  for (std::size_t i = at + 64; i < at + 128; ++i) model[i] = '\x7F';
  CHECK_THAT(error_of(model), ContainsSubstring("precompiled_charsmap: expected a trie that stays inside"));
}

}  // namespace tempo::text
