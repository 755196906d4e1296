// The tensors of a checkpoint's shards, by parameter and range (docs/checkpoint_format.md). Without libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tempo/io/safetensors.h"

namespace tempo::train {

// A tensor's name, "PARAMETER[BEGIN:END].FIELD", taken apart.
struct ShardTensorName {
  std::string parameter, prefix, field;  // prefix: all before the field
  std::int64_t begin = 0, end = 0;       // 0 <= begin < end
};
std::optional<ShardTensorName> parse_shard_tensor_name(const std::string& text);

// All shards of a checkpoint, mapped into memory.
class ShardIndex {
 public:
  // Throws tempo::Error "FILE: ..." for a file that is no shard.
  explicit ShardIndex(std::span<const std::filesystem::path> paths);

  // Fills out with numbers [begin, begin + out's) of a field of a parameter. Throws tempo::Error when the
  // shards lack some, or hold another dtype or number of them.
  void read(const std::string& parameter, const std::string& field, io::DType dtype, std::int64_t begin,
            std::span<std::byte> out) const;

  // Returns how many updates the number of a parameter took part in.
  std::int64_t updates(const std::string& parameter, std::int64_t begin) const;

 private:
  struct Part {
    std::int64_t begin = 0, end = 0;
    std::size_t file = 0;
    std::string prefix;  // of its tensors' names, before the field
  };

  std::vector<Part> parts_of(const std::string& parameter, std::int64_t begin, std::int64_t end) const;
  std::span<const std::byte> bytes(const Part& part, const std::string& field, io::DType dtype,
                                   std::int64_t numbers) const;

  std::vector<io::Safetensors> files_;
  std::map<std::string, std::vector<Part>> parts_;  // of each parameter, by begin
};

}  // namespace tempo::train
