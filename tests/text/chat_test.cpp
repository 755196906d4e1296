// Conversations equal to what the models' Jinja templates give (tests/golden/text/make_chat.py).
#include "tempo/text/chat.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "golden.h"
#include "tempo/core/error.h"

namespace tempo::text {

namespace {

using nlohmann::json;

json golden_chat() { return json::parse(golden::bytes(golden::path("chat.json"))); }

std::vector<Message> messages_of(const json& conversation) {
  std::vector<Message> messages;
  for (const json& pair : conversation) messages.push_back({pair.at(0), pair.at(1)});
  return messages;
}

// The case's conversation by render_chat; null if it is refused.
json rendered(const json& conversations, const json& test) {
  ChatFormat format = chat_format(test.at("format").get<std::string>());
  if (!test.at("date").is_null()) format.date = test.at("date");
  const auto messages = messages_of(conversations.at(test.at("conversation").get<std::size_t>()));
  try {
    return render_chat(format, messages, test.at("add_generation_prompt"),
                       {.enable_thinking = test.at("enable_thinking")});
  } catch (const Error&) {
    return nullptr;
  }
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
  const json golden = golden_chat();
  CHECK(golden.at("cases").size() == 870);
  for (const json& test : golden.at("cases")) {
    CAPTURE(test.dump());
    CHECK(rendered(golden.at("conversations"), test) == test.at("text"));
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

TEST_CASE("detect_chat_format: tells Llama, Gemma and Mistral by what their templates hold", "[text]") {
  struct Case {
    std::string format;
    std::string text;
  };
  const auto [format, text] = GENERATE(values<Case>(
      {{"llama3", "'<|start_header_id|>' + content | trim + '<|eot_id|>'"},
       {"llama3.1",
        "'<|start_header_id|>Cutting Knowledge Date: December 2023' + content|trim + '<|eot_id|>'"},
       {"gemma2", "raise('System role not supported') '<start_of_turn>' + content | trim + '<end_of_turn>'"},
       {"gemma3", "'<start_of_turn>' + first_user_prefix + content | trim + '<end_of_turn>'"},
       {"mistral", "'[INST] ' + content + ' [/INST]' + answer + eos_token"},
       {"mistral-v1", "' [INST] ' + content + ' [/INST]' + ' ' + answer + eos_token"},
       {"mistral-v3", "\"[AVAILABLE_TOOLS] [\" + \"[INST] \" + content + \"[/INST]\" + answer|trim"},
       {"mistral-v3-tekken", "\"[AVAILABLE_TOOLS][\" + \"[INST]\" + content + \"[/INST]\" + answer"}}));
  CHECK(detect_chat_format(with_template(text)) == chat_format(format));
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
  const std::string text = GENERATE_COPY(
      std::string("{{ '[INST]' + message['content'] + '[/INST]' }}"), plain + "{{ '<think>\\n' }}",
      plain + "{{ content | trim }}", std::string("'[SYSTEM_PROMPT]' '[INST]'"),
      std::string("'<|turn>model'"), std::string("'<|start_header_id|>' think trim '<|eot_id|>'"),
      std::string("'<start_of_turn>' + content"));
  const std::string message = refusal_of(with_template(text));
  CAPTURE(message);
  CHECK(message.find(
            "tokenizer.json: expected a chat template of the ChatML, Llama, Gemma or Mistral family") !=
        std::string::npos);
  CHECK(message.find("chatml, qwen2, qwen2.5, qwen2.5-math, qwen3, smollm2, llama2") != std::string::npos);
}

TEST_CASE("detect_chat_format: a tokenizer without a template is an error", "[text]") {
  CHECK(refusal_of(Tokenizer::load(golden::path("qwen2.json"))).find("got none") != std::string::npos);
}

TEST_CASE("render_chat: refuses other roles and an empty conversation", "[text]") {
  const std::vector<Message> tool{{"tool", "5"}};
  CHECK_THROWS_AS(render_chat(chat_format("chatml"), tool, true), Error);
  CHECK_THROWS_AS(render_chat(chat_format("chatml"), {}, true), Error);
  CHECK_THROWS_AS(chat_format("alpaca"), Error);
}

TEST_CASE("render_chat: puts a system message into the question where the template refuses it", "[text]") {
  const std::vector<Message> messages{{"system", " Be brief. "}, {"user", " Hi "}};
  CHECK(render_chat(chat_format("gemma2"), messages, true) ==
        render_chat(chat_format("gemma3"), messages, true));
  CHECK(render_chat(chat_format("mistral"), messages, true) == "<s>[INST]  Be brief. \n\n Hi  [/INST]");
  CHECK_THROWS_AS(render_chat(chat_format("gemma2"), std::span(messages).first(1), true), Error);
}

TEST_CASE("custom_chat_format: writes turns in the user's words", "[text]") {
  const ChatFormat format = custom_chat_format({.begin = "<s>",
                                                .system = "[{content}]\n",
                                                .user = "Q: {content}\n",
                                                .assistant = "A: {content}{}</s>\n",
                                                .generation = "A:",
                                                .stop = {}});
  const std::vector<Message> messages{
      {"system", "S"}, {"user", "{content}"}, {"assistant", " a "}, {"user", "q"}};
  CHECK(render_chat(format, messages, true) == "<s>[S]\nQ: {content}\nA:  a {}</s>\nQ: q\nA:");
  CHECK(render_chat(format, messages, false) == "<s>[S]\nQ: {content}\nA:  a {}</s>\nQ: q\n");
}

TEST_CASE("custom_chat_format: without a system turn, a system message is an error", "[text]") {
  const ChatFormat format = custom_chat_format({.user = "{content}", .assistant = "{content}"});
  const std::vector<Message> messages{{"system", "S"}, {"user", "q"}};
  CHECK_THROWS_WITH(render_chat(format, messages, true),
                    Catch::Matchers::ContainsSubstring("no system message"));
  CHECK(render_chat(format, std::span(messages).last(1), true) == "q");
}

TEST_CASE("custom_chat_format: a template names the field that is wrong", "[text]") {
  const auto [field, own] = GENERATE(table<std::string, ChatTemplate>(
      {{"user: ", {.user = "no place", .assistant = "{content}"}},
       {"user: ", {.user = "{content} {content}", .assistant = "{content}"}},
       {"assistant: ", {.user = "{content}", .assistant = ""}},
       {"system: ", {.system = "{contents}", .user = "{content}", .assistant = "{content}"}},
       {"generation: ", {.user = "{content}", .assistant = "{content}", .generation = "{content}"}},
       {"stop: ", {.user = "{content}", .assistant = "{content}", .stop = {""}}}}));
  CHECK_THROWS_WITH(custom_chat_format(own), Catch::Matchers::ContainsSubstring(field));
}

TEST_CASE("stop_tokens: end of turn, end of text, and the tokenizer's own end", "[text]") {
  const Tokenizer smollm2 = Tokenizer::load(golden::smollm2_gguf());
  CHECK(stop_tokens(chat_format("smollm2"), smollm2) == std::vector<std::int32_t>{0, 2});
}

TEST_CASE("stop_tokens: a format whose token is missing is an error", "[text]") {
  const golden::Folder folder;
  const auto file = folder.write("plain.json", R"({"pre_tokenizer": {"type": "ByteLevel"},
    "decoder": {"type": "ByteLevel"}, "model": {"vocab": {"a": 0, "</s>": 1}, "merges": []}})");
  const Tokenizer tokenizer = Tokenizer::load(file);
  CHECK_THROWS_AS(stop_tokens(chat_format("chatml"), tokenizer), Error);
  CHECK(stop_tokens(chat_format("mistral"), tokenizer) == std::vector<std::int32_t>{1});
  CHECK_THROWS_WITH(
      stop_tokens(custom_chat_format({.user = "{content}", .assistant = "{content}"}), tokenizer),
      Catch::Matchers::ContainsSubstring("expected an end token"));
}

}  // namespace tempo::text
