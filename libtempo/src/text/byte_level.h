// Byte-level BPE with the steps around it, as tokenizer.json describes them.
#pragma once

#include <string>

#include "added_tokens.h"
#include "bpe.h"
#include "token_model.h"
#include "tokenizer_json.h"

namespace tempo::text {

class ByteLevelModel : public TokenModel {
 public:
  // Throws tempo::Error that begins with `where` for merges of unknown tokens.
  ByteLevelModel(const TokenizerParts& parts, const std::string& where);

  void encode(std::string_view part, bool first, std::vector<std::int32_t>& ids) const override;

 private:
  std::vector<NormalForm> normalizer_;
  std::vector<PreTokenizerStep> pre_tokenizer_;
  AddedTokenFinder normalized_tokens_;  // looked for after the normalizer has run
  Bpe bpe_;
};

}  // namespace tempo::text
