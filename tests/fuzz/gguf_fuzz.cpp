// GGUF files: header, metadata, tensor table, and the values of every tensor.
#include <vector>

#include "fuzz/fuzz.h"
#include "tempo/io/gguf.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  fuzz::run([&] {
    const auto gguf = io::Gguf::open(file.write({reinterpret_cast<const char*>(data), size}));
    for (const std::string& name : gguf.names()) {
      std::size_t count = 1;
      for (const std::int64_t length : gguf.shape(name)) count *= static_cast<std::size_t>(length);
      std::vector<float> values(count);
      gguf.read(name, values);
    }
  });
  return 0;
}
