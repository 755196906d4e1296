#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include "config_write.h"
#include "parameter_table.h"
#include "tempo/core/error.h"
#include "tempo/io/gguf.h"
#include "tempo/io/safetensors.h"
#include "tempo/model/model.h"

namespace tempo::model {
namespace {

// Names of the model's parameters in one file format, and how its values differ.
struct Format {
  bool gguf = false;

  std::string stored_name(const std::string& name) const { return gguf ? gguf_name(name) : name; }

  // llama.cpp turns neighbouring dimensions of a head, not its halves: for the Llama architecture its
  // converter reorders the rows of q and k, dimension e of a head from e / 2 + (e % 2) * E / 2.
  bool interleaved(const ModelConfig& config, const std::string& name) const {
    const bool rotated = name.find(".q_proj.") != name.npos || name.find(".k_proj.") != name.npos;
    return gguf && rotated && config.architecture == Architecture::kLlama;
  }

  // Tensors that are no parameters: computed tables, or an output weight next to a tied embedding.
  bool ignorable(const std::string& name) const {
    return name == kOutputName || name == "rope_freqs.weight" || name.ends_with("rotary_emb.inv_freq");
  }
};

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += core::concat(text.size() > 1 ? ", " : "", size);
  return text + "]";
}

void check_names(const io::WeightSource& source, const std::vector<Parameter>& parameters, Format format) {
  std::set<std::string> known;
  for (const Parameter& parameter : parameters) {
    const std::string name = format.stored_name(parameter.name);
    const std::vector<std::int64_t> expected = parameter.tensor.sizes().vec();
    TEMPO_CHECK(source.contains(name), source.location(), ": ", name, ": expected a tensor ",
                shape_text(expected), ", got nothing");
    const std::vector<std::int64_t> shape = source.shape(name);
    TEMPO_CHECK(shape == expected, source.location(), ": ", name, ": expected shape ", shape_text(expected),
                ", got ", shape_text(shape));
    known.insert(name);
  }
  for (const std::string& name : source.names()) {
    TEMPO_CHECK(known.contains(name) || format.ignorable(name), source.location(), ": ", name,
                ": expected the tensors of the architecture only, got one more");
  }
}

void load_values(const io::WeightSource& source, const Model& model, Format format) {
  check_names(source, model.parameters(), format);
  const at::NoGradGuard no_grad;
  std::vector<float> staging;  // one tensor at a time: a second float32 model may not fit
  for (const Parameter& parameter : model.parameters()) {
    staging.resize(static_cast<std::size_t>(parameter.tensor.numel()));
    source.read(format.stored_name(parameter.name), staging);
    at::Tensor values = at::from_blob(staging.data(), parameter.tensor.sizes(), at::kFloat);
    if (format.interleaved(model.config(), parameter.name)) {
      const std::int64_t half = model.config().head_dim / 2;
      values = values.view({-1, half, 2, values.numel() / values.size(0)}).transpose(1, 2);
      values = values.reshape(parameter.tensor.sizes());
    }
    // Moved first: the cast then runs on the device.
    at::Tensor(parameter.tensor).copy_(values.to(model.device()));
  }
}

Model load_from(const io::WeightSource& source, ModelConfig config, Format format, at::ScalarType dtype,
                at::Device device) {
  // Some tied checkpoints do not say so.
  if (!source.contains(format.stored_name(std::string(kOutputName)))) config.tie_embeddings = true;
  Model model(config, dtype, device);
  load_values(source, model, format);
  return model;
}

}  // namespace

Model load_model(const std::filesystem::path& path, at::ScalarType dtype, at::Device device) {
  dtype_name(dtype);
  const ModelConfig config = read_config(path);
  if (std::filesystem::is_directory(path)) {
    return load_from(io::Safetensors::open(path), config, {.gguf = false}, dtype, device);
  }
  return load_from(io::Gguf::open(path), config, {.gguf = true}, dtype, device);
}

}  // namespace tempo::model
