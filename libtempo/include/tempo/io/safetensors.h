// Safetensors files: a JSON header of names, types, shapes and offsets, then the tensors' bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/io/digest.h"
#include "tempo/io/mapped_file.h"
#include "tempo/io/weights.h"

namespace tempo::io {

// The tensors of one file, or of the shards that an index lists, mapped into memory.
class Safetensors : public WeightSource {
 public:
  // path is a file, or a folder with model.safetensors or model.safetensors.index.json (looked for in this
  // order). Of shards, only the tensors that the index lists are seen. Throws tempo::Error, naming the file,
  // when anything does not follow the format.
  static Safetensors open(const std::filesystem::path& path);

  std::vector<std::string> names() const override;
  bool contains(std::string_view name) const override;
  std::vector<std::int64_t> shape(std::string_view name) const override;
  void read(std::string_view name, std::span<float> out) const override;
  std::string location() const override { return location_; }

  // Return the type and the stored bytes of a tensor. The bytes are valid as long as this object, and not
  // aligned beyond one byte. Throw tempo::Error for an unknown name.
  DType dtype(std::string_view name) const;
  std::span<const std::byte> bytes(std::string_view name) const;

 private:
  struct Tensor {
    DType dtype = DType::kF32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
  };
  using Tensors = std::map<std::string, Tensor, std::less<>>;

  explicit Safetensors(std::string location) : location_(std::move(location)) {}
  static Safetensors open_sharded(const std::filesystem::path& index);
  Tensors add_file(const std::filesystem::path& path);
  const Tensor& find(std::string_view name) const;

  std::string location_;
  std::vector<MappedFile> files_;
  Tensors tensors_;
};

// One tensor for write_safetensors. The bytes are row-major, little-endian, and not owned.
struct TensorToWrite {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

// Writes one safetensors file, all or nothing, straight from the tensors' memory. Tensors of wide elements
// come first, otherwise in the given order, so that each starts at a multiple of its element size in the
// file. Throws tempo::Error when a name occurs twice or is reserved, bytes do not fit the shape, or the disk
// is full. Returns what the file holds.
FileDigest write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                             const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace tempo::io
