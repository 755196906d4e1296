// A model's shape as transformers reads it.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "tempo/model/config.h"

namespace tempo::model {

// Return the text of config.json and generation_config.json, in a form that transformers 4 and 5 both read.
std::string huggingface_config(const ModelConfig& config, at::ScalarType dtype);
std::string huggingface_generation_config(const ModelConfig& config);

// Returns transformers' name of a dtype that parameters can have: "float32", "bfloat16", "float16".
// Throws tempo::Error for another.
std::string dtype_name(at::ScalarType dtype);

}  // namespace tempo::model
