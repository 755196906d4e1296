// A sentencepiece model file (ModelProto): its vocabulary and the settings that are looked at here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::text {

// Values are those of the file, and of tokenizer.ggml.token_type.
enum class PieceKind : std::uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};

struct Piece {
  std::string text;  // a space is U+2581
  float score = 0;
  PieceKind kind = PieceKind::kNormal;
};

struct SentencepieceModel {
  std::vector<Piece> pieces;              // by id
  bool byte_fallback = false;             // characters that the vocabulary lacks become their bytes
  bool add_dummy_prefix = true;           // a space before every text
  bool remove_extra_whitespaces = true;   // runs of spaces become one, those at both ends are left out
  std::string bos = "<s>", eos = "</s>";  // by their texts; the vocabulary may lack them
  std::string unk = "<unk>", pad = "<pad>";
  std::string bytes;  // the file itself
};

// Reads a model file. Throws tempo::Error that begins with `where`: bytes that are no such file, a vocabulary
// without its one unknown piece, or a table of normalisation that points outside of itself, which the
// sentencepiece library would follow.
SentencepieceModel parse_sentencepiece(std::string bytes, const std::string& where);

// Returns a model of byte-pair merges as a file's bytes: everything but `bytes` is written.
std::string serialize_sentencepiece(const SentencepieceModel& model);

}  // namespace tempo::text
