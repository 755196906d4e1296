// Safetensors files, and the index of sharded ones: opens what the input is, and reads every tensor.
#include <vector>

#include "fuzz/fuzz.h"
#include "io/safetensors_header.h"
#include "tempo/io/safetensors.h"

using namespace tempo;

namespace {

void read_file(const std::filesystem::path& path) {
  const io::Safetensors file = io::Safetensors::open(path);
  for (const std::string& name : file.names()) {
    std::vector<float> values(file.bytes(name).size() / io::size_of(file.dtype(name)));
    file.read(name, values);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz::run([&] { read_file(file.write(bytes)); });
  fuzz::run([&] { io::parse_safetensors_index("index", bytes); });
  return 0;
}
