// tokenizer.json: vocabulary, merges, added tokens, normalizer, pre-tokenizer with its regular expressions.
#include "fuzz/fuzz.h"
#include "fuzz/use_tokenizer.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::run([&] {
    fuzz::use(text::Tokenizer::load(file.write({reinterpret_cast<const char*>(data), size})));
  });
  return 0;
}
