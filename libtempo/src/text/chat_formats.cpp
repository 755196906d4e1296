#include <algorithm>

#include "tempo/core/error.h"
#include "tempo/text/chat.h"
#include "utf8.h"

namespace tempo::text {

namespace {

constexpr std::string_view kContent = "{content}";

TurnFormat chatml_turn(const char* role) {
  return {core::concat("<|im_start|>", role, '\n'), "<|im_end|>\n"};
}

ChatFormat chatml(const char* name, std::optional<std::string> default_system = std::nullopt) {
  ChatFormat format;
  format.name = name;
  format.opening_system = format.system = chatml_turn("system");
  format.user = chatml_turn("user");
  format.assistant = chatml_turn("assistant");
  format.generation = "<|im_start|>assistant\n";
  format.default_system = std::move(default_system);
  format.stop = {"<|im_end|>", "<|endoftext|>"};
  return format;
}

ChatFormat qwen3() {
  ChatFormat format = chatml("qwen3");
  format.thinking = true;
  return format;
}

TurnFormat llama3_turn(const char* role) {
  return {core::concat("<|start_header_id|>", role, "<|end_header_id|>\n\n"), "<|eot_id|>", true};
}

ChatFormat llama3() {
  ChatFormat format;
  format.name = "llama3";
  format.begin = "<|begin_of_text|>";
  format.opening_system = format.system = llama3_turn("system");
  format.user = llama3_turn("user");
  format.assistant = llama3_turn("assistant");
  format.generation = format.assistant.before;
  format.stop = {"<|eot_id|>", "<|end_of_text|>", "<|eom_id|>"};
  return format;
}

// Every conversation begins with a system turn, which tells the dates even when there is nothing else to say.
ChatFormat llama3_1() {
  ChatFormat format = llama3();
  format.name = "llama3.1";
  format.opening_system.before += "Cutting Knowledge Date: December 2023\nToday Date: {date}\n\n";
  format.default_system = "";
  return format;
}

ChatFormat gemma(const char* name) {
  ChatFormat format;
  format.name = name;
  format.begin = "<bos>";
  format.opening_system = {"", "\n\n"};
  format.user = {"<start_of_turn>user\n", "<end_of_turn>\n", true};
  format.assistant = {"<start_of_turn>model\n", "<end_of_turn>\n", true};
  format.generation = format.assistant.before;
  format.system_place = SystemPlace::kFirstUser;
  format.alternate = true;
  format.stop = {"<end_of_turn>", "<eos>"};
  return format;
}

// The formats with [INST]; the answer follows the question without an opening.
ChatFormat instructions(const char* name, TurnFormat user, TurnFormat assistant) {
  ChatFormat format;
  format.name = name;
  format.begin = "<s>";
  format.opening_system = {"", "\n\n"};
  format.user = std::move(user);
  format.assistant = std::move(assistant);
  format.system_place = SystemPlace::kFirstUser;
  format.alternate = true;
  format.stop = {"</s>"};
  return format;
}

ChatFormat llama2() {
  ChatFormat format = instructions("llama2", {"<s>[INST] ", " [/INST]"}, {" ", " </s>", true});
  format.begin = "";
  format.opening_system = {"<<SYS>>\n", "\n<</SYS>>\n\n"};
  format.trim_joined = true;
  return format;
}

ChatFormat with_system_last(ChatFormat format) {
  format.system_place = SystemPlace::kLastUser;
  return format;
}

const std::vector<ChatFormat>& known_formats() {
  static const std::vector<ChatFormat> formats{
      chatml("chatml"),
      chatml("qwen2", "You are a helpful assistant."),
      chatml("qwen2.5", "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."),
      chatml("qwen2.5-math", "Please reason step by step, and put your final answer within \\boxed{}."),
      qwen3(),
      chatml("smollm2", "You are a helpful AI assistant named SmolLM, trained by Hugging Face"),
      llama2(),
      llama3(),
      llama3_1(),
      gemma("gemma2"),
      gemma("gemma3"),
      instructions("mistral", {"[INST] ", " [/INST]"}, {"", "</s>"}),
      instructions("mistral-v1", {" [INST] ", " [/INST]"}, {" ", "</s>"}),
      with_system_last(instructions("mistral-v3", {"[INST] ", "[/INST]"}, {" ", "</s>", true})),
      with_system_last(instructions("mistral-v3-tekken", {"[INST]", "[/INST]"}, {"", "</s>"})),
  };
  return formats;
}

std::string joined_names() {
  std::string joined;
  for (const std::string& name : chat_format_names()) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

TurnFormat split_turn(const std::string& text) {
  const std::size_t at = text.find(kContent);
  return {text.substr(0, at), text.substr(at + kContent.size())};
}

void check_turn(const char* field, const std::string& text) {
  const std::size_t at = text.find(kContent);
  TEMPO_CHECK(at != std::string::npos, field, ": expected a text with {content}, got ",
              text.empty() ? "none" : printable(text));
  TEMPO_CHECK(text.find(kContent, at + 1) == std::string::npos, field, ": expected {content} once, got ",
              printable(text));
}

}  // namespace

std::vector<std::string> chat_format_names() {
  std::vector<std::string> names;
  for (const ChatFormat& format : known_formats()) names.push_back(format.name);
  return names;
}

ChatFormat chat_format(std::string_view name) {
  const auto found = std::ranges::find(known_formats(), name, &ChatFormat::name);
  TEMPO_CHECK(found != known_formats().end(), "chat_format: expected one of ", joined_names(), ", got ",
              printable(name));
  return *found;
}

void ChatTemplate::validate() const {
  check_turn("user", user);
  check_turn("assistant", assistant);
  if (!system.empty()) check_turn("system", system);
  for (const std::string& text : {begin, generation}) {
    TEMPO_CHECK(text.find(kContent) == std::string::npos,
                "begin, generation: expected no {content}, as no turn is said there, got ", printable(text));
  }
  for (const std::string& text : stop) TEMPO_CHECK(!text.empty(), "stop: expected tokens, got an empty one");
}

ChatFormat custom_chat_format(const ChatTemplate& own) {
  own.validate();
  ChatFormat format;
  format.name = "custom";
  format.begin = own.begin;
  format.takes_system = !own.system.empty();
  if (format.takes_system) format.opening_system = format.system = split_turn(own.system);
  format.user = split_turn(own.user);
  format.assistant = split_turn(own.assistant);
  format.generation = own.generation;
  format.stop = own.stop;
  return format;
}

}  // namespace tempo::text
