// The tensors of a checkpoint, each rank's in a file of its own, by parameter and range, so that any number
// of ranks can read them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tempo/io/digest.h"
#include "tempo/io/safetensors.h"
#include "tempo/model/model.h"
#include "tempo/train/sharded_adamw.h"

namespace tempo::train {

// Returns the field of what the optimiser keeps of a weight beside it; null: nothing.
const char* master_field(at::ScalarType dtype);

// Returns shard-RANK-of-SIZE.safetensors.
std::string shard_name(int rank, int size);

// Writes what a rank keeps. Tensors "PARAMETER[BEGIN:END].FIELD", flat: weight; moment1 and moment2;
// remainder (bfloat16) or master (float16); updates, one number.
io::FileDigest write_shard(const std::filesystem::path& path, const model::Model& model,
                           const ShardedAdamW& optimizer);

// All shards of a checkpoint.
class ShardReader {
 public:
  // Throws tempo::Error "FILE: ..." for a file that is no shard.
  explicit ShardReader(std::span<const std::filesystem::path> paths);

  // Fills out, flat or not, with numbers [begin, end) of a field of a parameter. Throws tempo::Error when the
  // shards lack some, or hold another dtype.
  void read(const std::string& parameter, const std::string& field, std::int64_t begin,
            const at::Tensor& out) const;

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
