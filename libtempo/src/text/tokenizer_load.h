// Reading of tokenizers from files.
#pragma once

#include <filesystem>
#include <memory>

#include "tempo/io/gguf.h"
#include "tokenizer_data.h"

namespace tempo::text {

// Read what Tokenizer::load and Tokenizer::from_gguf say, and throw as they do.
std::shared_ptr<const TokenizerData> load_tokenizer(const std::filesystem::path& path);
std::shared_ptr<const TokenizerData> load_tokenizer(const io::Gguf& file);

// Returns JSON text; bytes from a GGUF file that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::json& document);

inline constexpr const char* kConfigFile = "tokenizer_config.json";

}  // namespace tempo::text
