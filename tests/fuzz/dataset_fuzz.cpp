// Data sets of JSON lines.
#include "fuzz/fuzz.h"
#include "tempo/data/dataset.h"

using namespace tempo;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  file.write({reinterpret_cast<const char*>(data), size});
  fuzz::run([] { data::read_examples(file.path()); });
  const data::DatasetOptions nested{
      .problem_key = "a.problem", .options_key = "a.options.text", .answer_base = 1};
  fuzz::run([&] { data::read_examples(file.path(), nested); });
  return 0;
}
