// The shards of a checkpoint: opens what the input is, and reads ranges of what it says it holds.
#include <vector>

#include "fuzz/fuzz.h"
#include "train/shard_index.h"

using namespace tempo;

namespace {

constexpr std::int64_t kMostNumbers = 4096;

void read_part(const train::ShardIndex& shards, const train::ShardTensorName& name, io::DType dtype) {
  const std::int64_t numbers = std::min(name.end - name.begin, kMostNumbers);
  std::vector<std::byte> out(static_cast<std::size_t>(numbers) * io::size_of(dtype));
  fuzz::run([&] { shards.read(name.parameter, name.field, dtype, name.begin, out); });
  fuzz::run([&] { shards.read(name.parameter, "weight", dtype, name.begin / 2, out); });
  fuzz::run([&] { fuzz::require(shards.updates(name.parameter, name.end - 1) >= 0, "a number of updates"); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  const std::vector<std::filesystem::path> paths{file.write({reinterpret_cast<const char*>(data), size})};
  fuzz::run([&] {
    const train::ShardIndex shards(paths);
    const io::Safetensors tensors = io::Safetensors::open(paths[0]);
    for (const std::string& text : tensors.names()) {
      const auto name = train::parse_shard_tensor_name(text);
      fuzz::require(name.has_value() && name->prefix + name->field == text, "a name that was read", text);
      read_part(shards, *name, tensors.dtype(text));
    }
  });
  return 0;
}
