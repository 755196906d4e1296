// Sentencepiece model files. What passes the checks goes on to the sentencepiece library, which is not
// instrumented and must take it.
#include "fuzz/fuzz.h"
#include "fuzz/use_tokenizer.h"
#include "text/sentencepiece_model.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFolder folder({"tokenizer.model"});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  folder.write(0, bytes);
  fuzz::run([&] { fuzz::use(text::Tokenizer::load(folder.path())); });
  fuzz::run([&] {
    const auto model = text::parse_sentencepiece(std::string(bytes), "model");
    const auto again = text::parse_sentencepiece(text::serialize_sentencepiece(model), "model");
    fuzz::require(again.pieces.size() == model.pieces.size(), "as many pieces as were written");
  });
  return 0;
}
