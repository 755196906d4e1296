#include "byte_level.h"

namespace tempo::text {

namespace {

AddedTokenFinder normalized_finder(const TokenizerParts& parts) {
  std::vector<AddedToken> tokens;
  std::vector<std::string> contents;
  for (const AddedToken& token : parts.added) {
    if (!token.normalized) continue;
    tokens.push_back(token);
    contents.push_back(normalize(parts.normalizer, token.content));
  }
  return {tokens, contents};
}

}  // namespace

ByteLevelModel::ByteLevelModel(const TokenizerParts& parts, const std::string& where)
    : normalizer_(parts.normalizer),
      pre_tokenizer_(parts.pre_tokenizer),
      normalized_tokens_(normalized_finder(parts)),
      bpe_(parts.vocabulary, parts.merges, parts.bpe, where + ": model: merges") {}

void ByteLevelModel::encode(std::string_view part, bool /*first*/, std::vector<std::int32_t>& ids) const {
  const std::string normal = normalize(normalizer_, part);
  for (const AddedTokenFinder::Part& piece : normalized_tokens_.split(normal)) {
    if (piece.id >= 0) {
      ids.push_back(piece.id);
      continue;
    }
    const Pieces pieces = pre_tokenize(pre_tokenizer_, piece.text);
    for (const std::string_view view : pieces.views) bpe_.encode(view, ids);
  }
}

}  // namespace tempo::text
