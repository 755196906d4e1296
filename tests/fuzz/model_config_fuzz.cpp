// config.json and generation_config.json of a Hugging Face folder, the two parts of the input.
#include "fuzz/fuzz.h"
#include "model/config_source.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFolder folder({"config.json", "generation_config.json"});
  fuzz::Input input(data, size);
  folder.write(0, input.part());
  folder.write(1, input.empty() ? "{}" : input.rest());
  fuzz::run([&] { model::read_huggingface_config(folder.path()).validate(); });
  return 0;
}
