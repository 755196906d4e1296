#include "tempo/text/tokenizer.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <functional>

#include "golden.h"
#include "tempo/core/error.h"

namespace tempo::text {

namespace {

using nlohmann::json;

const char* const kReplaced = "\xEF\xBF\xBD";

// A byte-level tokenizer of the letters a, b and c, with the token ab and a special end.
json small() {
  return json::parse(R"({
    "added_tokens": [{"id": 4, "content": "<end>", "special": true}],
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
    "decoder": {"type": "ByteLevel"},
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3}, "merges": ["a b"]}})");
}

Tokenizer load(const json& document, const json& config = json::object()) {
  const golden::Folder folder;
  folder.write("tokenizer.json", document.dump());
  folder.write("tokenizer_config.json", config.dump());
  return Tokenizer::load(folder.path());
}

// The message of the error that reading the document gives; empty if it gives none.
std::string error_of(const json& document, const json& config = json::object()) {
  try {
    load(document, config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

using Ids = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("Tokenizer: merges tokens and knows its special ones", "[text]") {
  const Tokenizer tokenizer = load(small(), {{"eos_token", "<end>"}, {"pad_token", {{"content", "c"}}}});
  CHECK(tokenizer.encode("cabba<end>") == Ids{2, 3, 1, 0, 4});
  CHECK(tokenizer.vocab_size() == 5);
  CHECK(tokenizer.find("<end>") == 4);
  CHECK_FALSE(tokenizer.find("<begin>"));
  CHECK(tokenizer.is_special(4));
  CHECK_FALSE(tokenizer.is_special(3));
  CHECK(tokenizer.eos_id() == 4);
  CHECK(tokenizer.pad_id() == 2);
  CHECK_FALSE(tokenizer.bos_id());
}

TEST_CASE("Tokenizer: leaves out bytes that its vocabulary lacks", "[text]") {
  CHECK(load(small())
            .encode("a\x01"
                    "bx")
            .size() == 2);
}

TEST_CASE("Tokenizer: round trip of text gives the text", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("llama3.json"));
  for (const json& line : golden::lines("strings.jsonl")) {
    const auto text = line.get<std::string>();
    REQUIRE(tokenizer.decode(tokenizer.encode(text)) == text);
  }
}

TEST_CASE("Tokenizer: decode replaces a character that is cut in two", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("gpt2.json"));
  const std::string snowman = "\xE2\x98\x83";
  const Ids bytes{*tokenizer.find("\xC3\xA2"), *tokenizer.find("\xC4\xBA"), *tokenizer.find("\xC4\xA5")};
  CHECK(tokenizer.decode(bytes) == snowman);
  CHECK(tokenizer.decode(std::span(bytes).first(2)) == kReplaced);
  CHECK(tokenizer.decode(std::span(bytes).last(1)) == kReplaced);
}

TEST_CASE("Tokenizer: decode gives nothing for ids without a token", "[text]") {
  const Tokenizer tokenizer = load(small());
  CHECK(tokenizer.decode(Ids{3, 5, 1000000, 2}) == "abc");
  CHECK_THROWS_AS(tokenizer.decode(Ids{-1}), Error);
}

TEST_CASE("Tokenizer: encode takes bytes that are not UTF-8 for U+FFFD", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("qwen2.json"));
  const std::string twice = std::string(kReplaced) + kReplaced;
  CHECK(tokenizer.encode("a\xFF\xE2\x98 b") == tokenizer.encode("a" + twice + " b"));
  CHECK(tokenizer.encode("\xE2\x98") == tokenizer.encode(kReplaced));
}

TEST_CASE("Tokenizer: a word of 400,000 characters takes no quadratic time", "[text]") {
  const Tokenizer tokenizer = Tokenizer::load(golden::path("gpt2.json"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(tokenizer.encode(std::string(400000, 'a')).empty());
  CHECK_FALSE(tokenizer.encode(std::string(400000, ' ') + "x").empty());
  // Both together take about 0.1 s; n^2 steps of a nanosecond would be 160 s.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("Tokenizer: save keeps the named tokens and the chat template", "[text]") {
  const golden::Folder folder;
  Tokenizer::load(golden::smollm2_gguf()).save(folder.path() / "new" / "model");
  const Tokenizer saved = Tokenizer::load(folder.path() / "new" / "model" / "tokenizer.json");
  CHECK(saved.bos_id() == 1);
  CHECK(saved.eos_id() == 2);
  CHECK(saved.pad_id() == 2);
  CHECK(saved.unk_id() == 0);
  CHECK(saved.vocab_size() == 49152);
  CHECK(saved.chat_template() == Tokenizer::load(golden::smollm2_gguf()).chat_template());
}

TEST_CASE("Tokenizer: chat_template.jinja goes before the configuration's", "[text]") {
  const golden::Folder folder;
  folder.write("tokenizer.json", small().dump());
  folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "one"}]})");
  CHECK(Tokenizer::load(folder.path()).chat_template() == "one");
  folder.write("chat_template.jinja", "two");
  CHECK(Tokenizer::load(folder.path()).chat_template() == "two");
}

TEST_CASE("Tokenizer: errors name the file and the wrong part of it", "[text]") {
  struct Case {
    std::string part;
    std::function<void(json&)> damage;
  };
  const auto [part, damage] = GENERATE(values<Case>(
      {{"value named model", [](json& d) { d.erase("model"); }},
       {"model: type: expected BPE, got \"Unigram\"", [](json& d) { d["model"]["type"] = "Unigram"; }},
       {"model: vocab: expected an object, got array", [](json& d) { d["model"]["vocab"] = json::array(); }},
       {"vocab: a: expected an integer", [](json& d) { d["model"]["vocab"]["a"] = "0"; }},
       {"vocab: a: expected an integer", [](json& d) { d["model"]["vocab"]["a"] = 1u << 30; }},
       {"one token for id 0, got a and b", [](json& d) { d["model"]["vocab"]["b"] = 0; }},
       {"merge 0: expected tokens of the vocabulary, got x", [](json& d) { d["model"]["merges"] = {"x b"}; }},
       {"got ba",
        [](json& d) {
          d["model"]["merges"] = json::array({{"b", "a"}});
        }},
       {"merges[0]: expected two tokens", [](json& d) { d["model"]["merges"] = {"ab"}; }},
       {"byte_fallback: expected false", [](json& d) { d["model"]["byte_fallback"] = true; }},
       {"unk_token: expected a token", [](json& d) { d["model"]["unk_token"] = "<unk>"; }},
       {"added_tokens[0]: expected one token for id 3", [](json& d) { d["added_tokens"][0]["id"] = 3; }},
       {"added_tokens[0]: id: expected that", [](json& d) { d["added_tokens"][0]["content"] = "a"; }},
       {"got \"Lowercase\"",
        [](json& d) {
          d["normalizer"] = {{"type", "Lowercase"}};
        }},
       {"got \"Whitespace\"",
        [](json& d) {
          d["pre_tokenizer"] = {{"type", "Whitespace"}};
        }},
       {"decoder: type: expected ByteLevel", [](json& d) { d["decoder"]["type"] = "Metaspace"; }}}));
  json document = small();
  damage(document);
  const std::string message = error_of(document);
  CAPTURE(message);
  CHECK(message.find(part) != std::string::npos);
  CHECK(message.find("tokenizer.json: ") != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("Tokenizer: a configuration that names an unknown token is an error", "[text]") {
  const std::string message = error_of(small(), {{"eos_token", "<|im_end|>"}});
  CHECK(message.find("eos_token: expected a token <|im_end|> in the vocabulary") != std::string::npos);
}

TEST_CASE("Tokenizer: a GGUF file of another kind names the key and what is known", "[text]") {
  struct Case {
    std::string from;
    std::string to;  // of the same length, so that the file stays whole
    std::string message;
  };
  const auto [from, to, message] = GENERATE(values<Case>(
      {{"qwen2", "qwen9", "tokenizer.ggml.pre: expected one of default, deepseek-r1-qwen, gpt-2, llama-bpe"},
       {"gpt2", "bert",
        "tokenizer.ggml.model: expected gpt2 (byte-level BPE) or llama (sentencepiece), got bert"},
       {"ggml.merges", "ggml.nerges", "tokenizer.ggml.merges"}}));
  std::string content = golden::bytes(golden::path("qwen2.gguf"));
  REQUIRE(content.find(from) != std::string::npos);
  content.replace(content.find(from), from.size(), to);
  const golden::Folder folder;
  const auto file = folder.write("changed.gguf", content);
  CHECK_THROWS_WITH(Tokenizer::load(file), Catch::Matchers::ContainsSubstring(file.string()) &&
                                               Catch::Matchers::ContainsSubstring(message));
}

TEST_CASE("Tokenizer: every truncation of a file is an error", "[text]") {
  const golden::Folder folder;
  const std::string whole = small().dump();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto file = folder.write("tokenizer.json", whole.substr(0, length));
    REQUIRE_THROWS_AS(Tokenizer::load(file), Error);
  }
  CHECK_THROWS_AS(Tokenizer::load(folder.path() / "absent"), Error);
}

TEST_CASE("Tokenizer: save into a path that is a file is an error", "[text]") {
  const golden::Folder folder;
  const auto file = folder.write("file", "");
  CHECK_THROWS_AS(load(small()).save(file), Error);
}

}  // namespace tempo::text
