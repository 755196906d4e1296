// The parts of a byte-level BPE tokenizer as tokenizer.json and tokenizer_config.json describe them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "added_tokens.h"
#include "bpe.h"
#include "normalizer.h"
#include "pre_tokenizer.h"

namespace tempo::text {

struct TokenizerParts {
  Vocabulary vocabulary;  // of the model, without added tokens
  std::vector<std::pair<std::string, std::string>> merges;
  BpeOptions bpe;
  std::vector<NormalForm> normalizer;
  std::vector<PreTokenizerStep> pre_tokenizer;
  std::vector<AddedToken> added;
  std::vector<std::string> tokens;  // text by id, of vocabulary and added; empty where there is none
};

// The tokens are their texts, in the vocabulary or added.
struct TokenizerConfig {
  std::optional<std::string> bos_token;
  std::optional<std::string> eos_token;
  std::optional<std::string> pad_token;
  std::optional<std::string> unk_token;
  std::optional<std::string> chat_template;
};

// Read the content of tokenizer.json and of tokenizer_config.json. Throw tempo::Error that begins with
// `where` and names the part that is missing, of a wrong type or not supported.
TokenizerParts parse_tokenizer(const nlohmann::json& document, const std::string& where);
TokenizerConfig parse_config(const nlohmann::json& document, const std::string& where);

// Return the tokens that tokenizer_config.json (its added_tokens_decoder) and added_tokens.json list, the
// latter as special ones. Throw as above.
std::vector<AddedToken> parse_added(const nlohmann::json& config, const std::string& where);
std::vector<AddedToken> parse_added_by_text(const nlohmann::json& document, const std::string& where);

// Read the normalizer and pre_tokenizer parts of tokenizer.json (pre_tokenizer_json.cpp).
std::vector<NormalForm> parse_normalizer(const nlohmann::json& document, const std::string& where);
std::vector<PreTokenizerStep> parse_pre_tokenizer(const nlohmann::json& document, const std::string& where);

}  // namespace tempo::text
