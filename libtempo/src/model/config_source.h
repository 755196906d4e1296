// The two places that a model's shape is read from. Without libtorch, so that the reading of config.json can
// be tested alone.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "tempo/io/gguf.h"
#include "tempo/model/config.h"

namespace tempo::model {

// What config.json calls an architecture, in the order of Architecture.
struct ArchitectureName {
  Architecture architecture;
  std::string_view model_type;
  std::string_view class_name;
};
inline constexpr std::array<ArchitectureName, 3> kArchitectures{{
    {Architecture::kLlama, "llama", "LlamaForCausalLM"},
    {Architecture::kQwen2, "qwen2", "Qwen2ForCausalLM"},
    {Architecture::kQwen3, "qwen3", "Qwen3ForCausalLM"},
}};

// Reads config.json and generation_config.json of a folder, in the forms of transformers 4 and 5.
ModelConfig read_huggingface_config(const std::filesystem::path& folder);

// Reads the keys <architecture>.* of a GGUF file, and what only its tensors tell: biases, tied output, the
// factors of Llama 3's rotary scaling.
ModelConfig read_gguf_config(const io::Gguf& gguf);

}  // namespace tempo::model
