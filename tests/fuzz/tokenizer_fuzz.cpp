// Encoding of any bytes by right tokenizers, and decoding of any ids. The first byte chooses the tokenizer.
#include <array>

#include "fuzz/fuzz.h"
#include "tempo/text/tokenizer.h"
#include "text/utf8.h"

using namespace tempo;

namespace {

const text::Tokenizer& tokenizer(std::size_t index) {
  const auto load = [](const char* name) {
    return text::Tokenizer::load(std::filesystem::path(TEMPO_GOLDEN_DIR) / "text" / name);
  };
  static const std::array<text::Tokenizer, 4> all{load("gpt2.json"), load("llama3.json"), load("qwen2.json"),
                                                  load("mixed.json")};
  return all[index % all.size()];
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto chosen = input.number<std::uint8_t>();
  const text::Tokenizer& used = tokenizer(chosen);
  const std::string_view bytes = input.rest();
  fuzz::run([&] {
    const std::string decoded = used.decode(used.encode(bytes));
    // The first two have every byte and change none.
    if (chosen % 4 < 2)
      fuzz::require(decoded == text::replace_invalid_utf8(bytes), "the text that was encoded", decoded);
    fuzz::require(text::is_utf8(decoded), "valid UTF-8", decoded);
  });
  fuzz::run([&] {
    std::vector<std::int32_t> ids;
    while (!input.empty()) ids.push_back(input.number<std::int16_t>());
    fuzz::require(text::is_utf8(used.decode(ids)), "valid UTF-8");
  });
  return 0;
}
