#include "sentencepiece_gguf.h"

#include "tempo/core/error.h"

namespace tempo::text {

namespace {

constexpr const char* kTokens = "tokenizer.ggml.tokens";
constexpr const char* kScores = "tokenizer.ggml.scores";
constexpr const char* kTypes = "tokenizer.ggml.token_type";

// Converters write user-defined pieces with the spaces that the model file holds as U+2581.
std::string with_space_marks(const std::string& text) {
  std::string marked;
  for (const char c : text) {
    if (c == ' ') {
      marked += "\xE2\x96\x81";
    } else {
      marked.push_back(c);
    }
  }
  return marked;
}

void check_count(const io::Gguf& file, const char* key, std::size_t expected, std::size_t got) {
  TEMPO_CHECK(got == expected, file.location(), ": ", key, ": expected ", expected,
              " values, one a token, got ", got);
}

// Returns the text of the token that a key names; `fallback` if it names none.
std::string named_piece(const io::Gguf& file, const char* key, std::string fallback) {
  if (!file.has(key)) return fallback;
  const std::vector<std::string>& texts = file.strings(kTokens);
  const std::int64_t id = file.integer(key);
  TEMPO_CHECK(id >= 0 && id < static_cast<std::int64_t>(texts.size()), file.location(), ": ", key,
              ": expected an id below ", texts.size(), ", got ", id);
  return texts[static_cast<std::size_t>(id)];
}

}  // namespace

SentencepieceModel sentencepiece_from_gguf(const io::Gguf& file) {
  const std::vector<std::string>& texts = file.strings(kTokens);
  const std::vector<float>& scores = file.floats(kScores);
  const std::vector<std::int64_t>& types = file.integers(kTypes);
  check_count(file, kScores, texts.size(), scores.size());
  check_count(file, kTypes, texts.size(), types.size());
  SentencepieceModel model;
  model.add_dummy_prefix = file.boolean("tokenizer.ggml.add_space_prefix", true);
  model.remove_extra_whitespaces = file.boolean("tokenizer.ggml.remove_extra_whitespaces", false);
  model.unk = named_piece(file, "tokenizer.ggml.unknown_token_id", model.unk);
  model.bos = named_piece(file, "tokenizer.ggml.bos_token_id", model.bos);
  model.eos = named_piece(file, "tokenizer.ggml.eos_token_id", model.eos);
  model.pad = named_piece(file, "tokenizer.ggml.padding_token_id", model.pad);
  for (std::size_t id = 0; id < texts.size(); ++id) {
    TEMPO_CHECK(types[id] >= 1 && types[id] <= 6, file.location(), ": ", kTypes, ": expected 1 to 6, got ",
                types[id], " for token ", id);
    Piece piece{texts[id], scores[id], static_cast<PieceKind>(types[id])};
    if (piece.kind == PieceKind::kUserDefined) piece.text = with_space_marks(piece.text);
    if (piece.kind == PieceKind::kControl && piece.text == model.unk) piece.kind = PieceKind::kUnknown;
    model.byte_fallback = model.byte_fallback || piece.kind == PieceKind::kByte;
    model.pieces.push_back(std::move(piece));
  }
  return parse_sentencepiece(serialize_sentencepiece(model), file.location());
}

}  // namespace tempo::text
