// What a tokenizer holds, whatever kind it is, and how it is made from what was read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "added_tokens.h"
#include "bpe.h"
#include "sentencepiece_model.h"
#include "token_model.h"
#include "tokenizer_gguf.h"
#include "tokenizer_json.h"

namespace tempo::text {

// What becomes of a space at the begin of a decoded text, where the first token has one.
enum class LeadingSpace { kKept, kOneDropped, kAllDropped };

struct TokenizerData {
  std::string location;
  std::string file_name;  // of what save writes beside the configuration
  std::string file_content;
  nlohmann::json config;
  std::unique_ptr<const TokenModel> model;
  std::optional<AddedTokenFinder> added;  // the tokens that are found before the model sees the text
  Vocabulary ids;                         // by text, added tokens among them
  std::vector<std::string> bytes;         // what each id decodes to; nothing for an id without a token
  std::vector<bool> special;              // of each id
  LeadingSpace leading_space = LeadingSpace::kKept;
  bool repair_by_byte = false;  // U+FFFD for each byte that is not UTF-8, not for the longest invalid part
  std::optional<std::int32_t> bos, eos, pad, unk;
  std::optional<std::string> chat_template;
};

inline constexpr const char* kTokenizerJson = "tokenizer.json";
inline constexpr const char* kSentencepieceFile = "tokenizer.model";

// Both throw tempo::Error that begins with `where` for parts that do not fit together.
// `text` is the content of tokenizer.json.
std::shared_ptr<const TokenizerData> byte_level_data(TokenizerDocuments documents, std::string text,
                                                     const std::string& where);
// `config` is the content of tokenizer_config.json; `added` are tokens by id that the model file lacks.
std::shared_ptr<const TokenizerData> sentencepiece_data(SentencepieceModel model, nlohmann::json config,
                                                        std::vector<AddedToken> added,
                                                        const std::string& where);

}  // namespace tempo::text
