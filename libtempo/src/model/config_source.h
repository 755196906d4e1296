// The two places that a model's shape is read from, and the one it is written to.
#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "tempo/io/gguf.h"
#include "tempo/model/config.h"

namespace tempo::model {

// Reads config.json and generation_config.json of a folder, in the forms of transformers 4 and 5.
ModelConfig read_huggingface_config(const std::filesystem::path& folder);

// Reads the keys <architecture>.* of a GGUF file, and what only its tensors tell: biases, tied output, the
// factors of Llama 3's rotary scaling.
ModelConfig read_gguf_config(const io::Gguf& gguf);

// Return the text of config.json and generation_config.json, in a form that transformers 4 and 5 both read.
std::string huggingface_config(const ModelConfig& config, at::ScalarType dtype);
std::string huggingface_generation_config(const ModelConfig& config);

// Returns transformers' name of a dtype that parameters can have: "float32", "bfloat16", "float16".
// Throws tempo::Error for another.
std::string dtype_name(at::ScalarType dtype);

}  // namespace tempo::model
