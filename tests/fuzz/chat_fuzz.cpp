// Chat templates that are told from their text, and conversations of any text. The first part is the
// template, the others are the turns.
#include "fuzz/fuzz.h"
#include "tempo/text/chat.h"

using namespace tempo;

namespace {

constexpr std::string_view kTokenizer =
    R"({"model": {"type": "BPE", "vocab": {"<|im_end|>": 0}, "merges": []},
  "pre_tokenizer": {"type": "ByteLevel", "use_regex": false}, "decoder": {"type": "ByteLevel"}})";

std::vector<text::Message> turns_of(fuzz::Input& input) {
  constexpr std::string_view kRoles[] = {"user", "assistant", "system"};
  std::vector<text::Message> turns;
  while (!input.empty()) {
    const std::string_view part = input.part();
    const std::size_t role = part.empty() ? 0 : static_cast<unsigned char>(part[0]) % 4U;
    turns.push_back({std::string(role < 3 ? kRoles[role] : part), std::string(part)});
  }
  return turns;
}

text::ChatFormat format_of(std::string_view chat_template) {
  static const fuzz::MemoryFolder folder({"tokenizer.json", "chat_template.jinja"});
  folder.write(0, kTokenizer);
  folder.write(1, chat_template);
  const auto tokenizer = text::Tokenizer::load(folder.path());
  const text::ChatFormat format = text::detect_chat_format(tokenizer);
  text::stop_tokens(format, tokenizer);
  return format;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  text::ChatFormat format;
  fuzz::run([&] { format = format_of(input.part()); });
  const std::vector<text::Message> turns = turns_of(input);
  fuzz::run([&] { text::render_chat(format, turns, true); });
  for (const std::string& name : text::chat_format_names()) {
    fuzz::run([&] { text::render_chat(text::chat_format(name), turns, true, {.enable_thinking = false}); });
  }
  return 0;
}
