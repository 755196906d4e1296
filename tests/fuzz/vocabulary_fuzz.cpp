// The tokenizer that a GGUF file describes: its vocabulary, merges and special tokens.
#include "fuzz/fuzz.h"
#include "fuzz/use_tokenizer.h"
#include "tempo/io/gguf.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::run([&] {
    const auto gguf = io::Gguf::open(file.write({reinterpret_cast<const char*>(data), size}));
    fuzz::use(text::Tokenizer::from_gguf(gguf));
  });
  return 0;
}
