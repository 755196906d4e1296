#include "tempo/io/safetensors.h"

#include <system_error>
#include <utility>

#include "element_types.h"
#include "printable.h"
#include "safetensors_header.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"

namespace tempo::io {

Safetensors Safetensors::open(const std::filesystem::path& path) {
  std::error_code ignored;  // what is not seen here is told when it is opened
  if (std::filesystem::is_directory(path, ignored)) {
    const auto single = path / "model.safetensors", index = path / "model.safetensors.index.json";
    if (std::filesystem::exists(single, ignored)) return open(single);
    if (std::filesystem::exists(index, ignored)) return open_sharded(index);
    core::fail(path.string(),
               ": expected model.safetensors or model.safetensors.index.json in it, found neither");
  }
  Safetensors weights(path.string());
  weights.tensors_ = weights.add_file(path);
  return weights;
}

Safetensors Safetensors::open_sharded(const std::filesystem::path& index) {
  Safetensors weights(index.string());
  std::map<std::string, Tensors> shards;
  for (const auto& [name, file] : parse_safetensors_index(weights.location_, read_text(index))) {
    const auto path = index.parent_path() / file;
    auto shard = shards.find(file);
    if (shard == shards.end()) shard = shards.emplace(file, weights.add_file(path)).first;
    const auto tensor = shard->second.find(name);
    TEMPO_CHECK(tensor != shard->second.end(), path.string(), ": tensor ", printable(name),
                ": expected in this file by ", index.filename().string(), ", found none");
    weights.tensors_.emplace(name, tensor->second);
  }
  return weights;
}

Safetensors::Tensors Safetensors::add_file(const std::filesystem::path& path) {
  files_.push_back(MappedFile::open(path));
  Tensors tensors;
  for (auto& [name, dtype, shape, bytes] : parse_safetensors(path.string(), files_.back().bytes())) {
    tensors.emplace(std::move(name), Tensor{dtype, std::move(shape), bytes});
  }
  return tensors;
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

bool Safetensors::contains(std::string_view name) const { return tensors_.contains(name); }

std::vector<std::int64_t> Safetensors::shape(std::string_view name) const { return find(name).shape; }

void Safetensors::read(std::string_view name, std::span<float> out) const {
  const Tensor& tensor = find(name);
  const std::size_t count = tensor.bytes.size() / size_of(tensor.dtype);
  TEMPO_CHECK(out.size() == count, location_, ": tensor ", name, ": expected room for ", count,
              " values, got ", out.size());
  to_float(tensor.dtype, tensor.bytes, out);
}

DType Safetensors::dtype(std::string_view name) const { return find(name).dtype; }

std::span<const std::byte> Safetensors::bytes(std::string_view name) const { return find(name).bytes; }

const Safetensors::Tensor& Safetensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  TEMPO_CHECK(found != tensors_.end(), location_, ": tensor ", name, ": expected in the file, found none");
  return found->second;
}

}  // namespace tempo::io
