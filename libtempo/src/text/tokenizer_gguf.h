// A GGUF file's vocabulary in the terms of tokenizer.json and tokenizer_config.json.
#pragma once

#include <nlohmann/json.hpp>

#include "tempo/io/gguf.h"

namespace tempo::text {

struct TokenizerDocuments {
  nlohmann::json tokenizer;  // the content of tokenizer.json
  nlohmann::json config;     // the content of tokenizer_config.json
};

// Throws tempo::Error, naming the file, when it holds no vocabulary of byte-level BPE, or one with a
// pre-tokenizer whose rules are not known here.
TokenizerDocuments documents_from_gguf(const io::Gguf& file);

// Returns what tokenizer_config.json says of a file with a sentencepiece vocabulary.
nlohmann::json config_from_gguf(const io::Gguf& file);

}  // namespace tempo::text
