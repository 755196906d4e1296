#include "save.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "config_write.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tempo/io/safetensors.h"

namespace tempo::model {
namespace {

constexpr const char* kSingleName = "model.safetensors";
constexpr const char* kIndexName = "model.safetensors.index.json";

// Parameters [begin, end) of one file.
struct Shard {
  std::size_t begin = 0, end = 0;
  std::int64_t bytes = 0;
};

std::vector<Shard> split(const std::vector<Parameter>& parameters, std::int64_t element_bytes,
                         std::int64_t shard_bytes) {
  std::vector<Shard> shards(1);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::int64_t bytes = parameters[i].tensor.numel() * element_bytes;
    if (shards.back().bytes > 0 && shards.back().bytes + bytes > shard_bytes) shards.push_back({.begin = i});
    shards.back().end = i + 1;
    shards.back().bytes += bytes;
  }
  return shards;
}

std::string five_digits(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

io::DType stored_dtype(at::ScalarType dtype) {
  if (dtype == at::kBFloat16) return io::DType::kBF16;
  return dtype == at::kHalf ? io::DType::kF16 : io::DType::kF32;
}

void write_shard(const std::vector<Parameter>& parameters, std::span<const at::Tensor> values, Shard shard,
                 const std::filesystem::path& path, at::ScalarType dtype) {
  std::vector<at::Tensor> converted;  // keeps the bytes alive
  std::vector<io::TensorToWrite> tensors;
  for (std::size_t i = shard.begin; i < shard.end; ++i) {
    const at::Tensor tensor = values[i].detach().to(dtype).to(at::kCPU).contiguous();
    const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
    converted.push_back(tensor);
    tensors.push_back({.name = parameters[i].name,
                       .dtype = stored_dtype(dtype),
                       .shape = tensor.sizes().vec(),
                       .bytes = {data, tensor.nbytes()}});
  }
  io::write_safetensors(path, tensors);
}

// Weights of an earlier, differently sharded save would be read instead of these.
void remove_other_weights(const std::filesystem::path& folder, const std::set<std::string>& written) {
  std::vector<std::filesystem::path> stale;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool weights = name == kSingleName || name == kIndexName ||
                         (name.starts_with("model-") && name.ends_with(".safetensors"));
    if (weights && !written.contains(name)) stale.push_back(entry.path());
  }
  for (const std::filesystem::path& path : stale) std::filesystem::remove(path);
}

std::set<std::string> write_weights(const std::vector<Parameter>& parameters,
                                    std::span<const at::Tensor> values, const std::filesystem::path& folder,
                                    at::ScalarType dtype, std::int64_t shard_bytes) {
  const std::vector<Shard> shards =
      split(parameters, static_cast<std::int64_t>(at::elementSize(dtype)), shard_bytes);
  if (shards.size() == 1) {
    write_shard(parameters, values, shards[0], folder / kSingleName, dtype);
    return {kSingleName};
  }
  std::set<std::string> written{kIndexName};
  nlohmann::ordered_json weight_map;
  std::int64_t total_bytes = 0;
  for (std::size_t k = 0; k < shards.size(); ++k) {
    const std::string name =
        core::concat("model-", five_digits(k + 1), "-of-", five_digits(shards.size()), ".safetensors");
    write_shard(parameters, values, shards[k], folder / name, dtype);
    for (std::size_t i = shards[k].begin; i < shards[k].end; ++i) weight_map[parameters[i].name] = name;
    total_bytes += shards[k].bytes;
    written.insert(name);
  }
  const nlohmann::ordered_json index = {{"metadata", {{"total_size", total_bytes}}},
                                        {"weight_map", weight_map}};
  io::write_text_atomically(folder / kIndexName, index.dump(2) + "\n");
  return written;
}

}  // namespace

void save_shards(const Model& model, std::span<const at::Tensor> values, const std::filesystem::path& folder,
                 at::ScalarType dtype, std::int64_t shard_bytes) {
  const std::vector<Parameter>& parameters = model.parameters();
  TEMPO_CHECK(values.size() == parameters.size(), "save_model: expected ", parameters.size(),
              " tensors, got ", values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    TEMPO_CHECK(values[i].sizes() == parameters[i].tensor.sizes(), "save_model: ", parameters[i].name,
                ": expected shape ", parameters[i].tensor.sizes(), ", got ", values[i].sizes());
  }
  const std::string config = huggingface_config(model.config(), dtype);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected a folder to write to, got ", error.message());
  const std::set<std::string> written = write_weights(parameters, values, folder, dtype, shard_bytes);
  remove_other_weights(folder, written);
  io::write_text_atomically(folder / "generation_config.json", huggingface_generation_config(model.config()));
  io::write_text_atomically(folder / "config.json", config);
}

void save_model(const Model& model, const std::filesystem::path& folder, at::ScalarType dtype) {
  save_model(model, parameter_tensors(model), folder, dtype);
}

void save_model(const Model& model, std::span<const at::Tensor> values, const std::filesystem::path& folder,
                at::ScalarType dtype) {
  save_shards(model, values, folder, dtype, kShardBytes);
}

}  // namespace tempo::model
