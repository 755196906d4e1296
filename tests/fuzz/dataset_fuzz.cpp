// Data sets of JSON lines.
#include "fuzz/fuzz.h"
#include "tempo/data/dataset.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::run([&] { data::read_examples(file.write({reinterpret_cast<const char*>(data), size})); });
  return 0;
}
