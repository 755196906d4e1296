// Conversations equal to what the models' Jinja templates give (tests/golden/text/make_chat.py).
#include "tempo/text/chat.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "golden.h"
#include "tempo/core/error.h"

namespace tempo::text {

namespace {

using nlohmann::json;

json golden_chat() { return json::parse(golden::bytes(golden::path("chat.json"))); }

std::vector<Message> messages_of(const json& test) {
  std::vector<Message> messages;
  for (const json& pair : test.at("messages")) messages.push_back({pair.at(0), pair.at(1)});
  return messages;
}

// A tokenizer with ChatML's tokens and the given template.
Tokenizer with_template(const std::string& chat_template) {
  const golden::Folder folder;
  folder.write("tokenizer.json", golden::bytes(golden::path("qwen2.json")));
  folder.write("chat_template.jinja", chat_template);
  return Tokenizer::load(folder.path());
}

std::string refusal_of(const Tokenizer& tokenizer) {
  try {
    detect_chat_format(tokenizer);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("render_chat: equals the Jinja template of each format", "[text]") {
  const json cases = golden_chat().at("cases");
  CHECK(cases.size() == 196);
  for (const json& test : cases) {
    CAPTURE(test.dump());
    const ChatFormat format = chat_format(test.at("format").get<std::string>());
    const ChatOptions options{.enable_thinking = test.at("enable_thinking")};
    CHECK(render_chat(format, messages_of(test), test.at("add_generation_prompt"), options) ==
          test.at("text").get<std::string>());
  }
}

TEST_CASE("detect_chat_format: knows each format by its template", "[text]") {
  const json templates = golden_chat().at("templates");
  for (const auto& [name, text] : templates.items()) {
    CAPTURE(name);
    CHECK(detect_chat_format(with_template(text)) == chat_format(name));
  }
}

TEST_CASE("detect_chat_format: knows SmolLM2 by its GGUF file", "[text]") {
  CHECK(detect_chat_format(Tokenizer::load(golden::smollm2_gguf())) == chat_format("smollm2"));
}

TEST_CASE("detect_chat_format: reads a default system turn of its own", "[text]") {
  std::string text = golden_chat().at("templates").at("smollm2");
  text.replace(text.find("named SmolLM"), 12, "named Ada");
  const ChatFormat format = detect_chat_format(with_template(text));
  CHECK(format.name == "chatml");
  CHECK(format.default_system == "You are a helpful AI assistant named Ada, trained by Hugging Face");
}

TEST_CASE("detect_chat_format: refuses other templates and names what can be set", "[text]") {
  const std::string plain = golden_chat().at("templates").at("chatml");
  const std::string text = GENERATE_COPY(std::string("{{ '[INST]' + message['content'] + '[/INST]' }}"),
                                         plain + "{{ '<think>\\n' }}", plain + "{{ content | trim }}");
  const std::string message = refusal_of(with_template(text));
  CAPTURE(message);
  CHECK(message.find("tokenizer.json: expected a chat template of the ChatML family") != std::string::npos);
  CHECK(message.find("chatml, qwen2, qwen2.5, qwen2.5-math, qwen3, smollm2") != std::string::npos);
}

TEST_CASE("detect_chat_format: a tokenizer without a template is an error", "[text]") {
  CHECK(refusal_of(Tokenizer::load(golden::path("qwen2.json"))).find("got none") != std::string::npos);
}

TEST_CASE("render_chat: refuses other roles and an empty conversation", "[text]") {
  const std::vector<Message> tool{{"tool", "5"}};
  CHECK_THROWS_AS(render_chat(chat_format("chatml"), tool, true), Error);
  CHECK_THROWS_AS(render_chat(chat_format("chatml"), {}, true), Error);
  CHECK_THROWS_AS(chat_format("llama3"), Error);
}

TEST_CASE("stop_tokens: end of turn, end of text, and the tokenizer's own end", "[text]") {
  const Tokenizer smollm2 = Tokenizer::load(golden::smollm2_gguf());
  CHECK(stop_tokens(chat_format("smollm2"), smollm2) == std::vector<std::int32_t>{0, 2});
  const golden::Folder folder;
  const auto file = folder.write("plain.json", R"({"pre_tokenizer": {"type": "ByteLevel"},
    "decoder": {"type": "ByteLevel"}, "model": {"vocab": {"a": 0}, "merges": []}})");
  CHECK_THROWS_AS(stop_tokens(chat_format("chatml"), Tokenizer::load(file)), Error);
}

}  // namespace tempo::text
