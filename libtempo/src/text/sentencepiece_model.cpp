#include "sentencepiece_model.h"

#include "charsmap.h"
#include "protobuf.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

// Gemma's file, the largest known, has 4.7 MB and 262,144 pieces.
constexpr std::size_t kMaxBytes = std::size_t{1} << 28;
constexpr std::size_t kMaxPieces = std::size_t{1} << 22;
constexpr std::size_t kMaxPieceBytes = 4096;

// Field numbers of sentencepiece_model.proto.
namespace model_field {
constexpr std::uint32_t kPieces = 1, kTrainer = 2, kNormalizer = 3, kDenormalizer = 5;
}
namespace piece_field {
constexpr std::uint32_t kText = 1, kScore = 2, kKind = 3;
}
namespace trainer_field {
constexpr std::uint32_t kModelType = 3, kVocabularySize = 4, kSpaceAsSuffix = 24, kByteFallback = 35;
constexpr std::uint32_t kUnk = 45, kBos = 46, kEos = 47, kPad = 48;
}  // namespace trainer_field
namespace normalizer_field {
constexpr std::uint32_t kName = 1, kCharsmap = 2, kDummyPrefix = 3, kRemoveExtra = 4, kEscape = 5;
}
constexpr std::uint64_t kBpe = 2;

Piece read_piece(std::string_view message, const std::string& where) {
  Piece piece;
  std::uint64_t kind = 1;
  ProtobufReader reader(message, where);
  while (const auto field = reader.next()) {
    if (field->number == piece_field::kText) piece.text = field->text(where);
    if (field->number == piece_field::kScore) piece.score = field->real(where);
    if (field->number == piece_field::kKind) kind = field->number_value(where);
  }
  TEMPO_CHECK(kind >= 1 && kind <= 6, where, ": expected a type of 1 to 6, got ", kind);
  TEMPO_CHECK(!piece.text.empty() && piece.text.size() <= kMaxPieceBytes, where, ": expected a text of 1 to ",
              kMaxPieceBytes, " bytes, got ", piece.text.size());
  TEMPO_CHECK(is_utf8(piece.text) && piece.text.find('\0') == std::string::npos, where,
              ": expected UTF-8 without NUL, got ", printable(piece.text));
  piece.kind = static_cast<PieceKind>(kind);
  return piece;
}

void read_trainer(std::string_view message, const std::string& where, SentencepieceModel& model) {
  ProtobufReader reader(message, where);
  while (const auto field = reader.next()) {
    if (field->number == trainer_field::kByteFallback) model.byte_fallback = field->number_value(where) != 0;
    if (field->number == trainer_field::kUnk) model.unk = field->text(where);
    if (field->number == trainer_field::kBos) model.bos = field->text(where);
    if (field->number == trainer_field::kEos) model.eos = field->text(where);
    if (field->number == trainer_field::kPad) model.pad = field->text(where);
    TEMPO_CHECK(field->number != trainer_field::kSpaceAsSuffix || field->number_value(where) == 0, where,
                ": treat_whitespace_as_suffix: expected false, got true");
  }
}

void read_normalizer(std::string_view message, const std::string& where, SentencepieceModel& model) {
  ProtobufReader reader(message, where);
  while (const auto field = reader.next()) {
    if (field->number == normalizer_field::kCharsmap) check_charsmap(field->text(where), where);
    if (field->number == normalizer_field::kDummyPrefix)
      model.add_dummy_prefix = field->number_value(where) != 0;
    if (field->number == normalizer_field::kRemoveExtra) {
      model.remove_extra_whitespaces = field->number_value(where) != 0;
    }
    TEMPO_CHECK(field->number != normalizer_field::kEscape || field->number_value(where) != 0, where,
                ": escape_whitespaces: expected true, got false");
  }
}

void refuse_denormalizer(std::string_view message, const std::string& where) {
  ProtobufReader reader(message, where);
  while (const auto field = reader.next()) {
    TEMPO_CHECK(field->number != normalizer_field::kCharsmap || field->text(where).empty(), where,
                ": expected no rules for decoded text, got some");
  }
}

void check_pieces(const SentencepieceModel& model, const std::string& where) {
  std::size_t unknown = 0;
  for (const Piece& piece : model.pieces) unknown += piece.kind == PieceKind::kUnknown ? 1 : 0;
  TEMPO_CHECK(unknown == 1, where, ": expected pieces, among them one of type unknown, got ",
              model.pieces.size(), " and ", unknown, " of that type");
}

}  // namespace

SentencepieceModel parse_sentencepiece(std::string bytes, const std::string& where) {
  TEMPO_CHECK(bytes.size() <= kMaxBytes, where, ": expected a sentencepiece model of at most ", kMaxBytes,
              " bytes, got ", bytes.size());
  SentencepieceModel model;
  model.bytes = std::move(bytes);
  ProtobufReader reader(model.bytes, where + ": sentencepiece model");
  while (const auto field = reader.next()) {
    if (field->number == model_field::kPieces) {
      const std::string place = core::concat(where, ": piece ", model.pieces.size());
      TEMPO_CHECK(model.pieces.size() < kMaxPieces, place, ": expected at most ", kMaxPieces, " pieces");
      model.pieces.push_back(read_piece(field->text(place), place));
    } else if (field->number == model_field::kTrainer) {
      const std::string place = where + ": trainer_spec";
      read_trainer(field->text(place), place, model);
    } else if (field->number == model_field::kNormalizer) {
      const std::string place = where + ": normalizer_spec";
      read_normalizer(field->text(place), place, model);
    } else if (field->number == model_field::kDenormalizer) {
      const std::string place = where + ": denormalizer_spec";
      refuse_denormalizer(field->text(place), place);
    }
  }
  check_pieces(model, where);
  return model;
}

std::string serialize_sentencepiece(const SentencepieceModel& model) {
  ProtobufWriter out;
  for (const Piece& piece : model.pieces) {
    ProtobufWriter one;
    one.bytes(piece_field::kText, piece.text);
    one.real(piece_field::kScore, piece.score);
    one.integer(piece_field::kKind, static_cast<std::uint64_t>(piece.kind));
    out.bytes(model_field::kPieces, one.message());
  }
  ProtobufWriter trainer;
  trainer.integer(trainer_field::kModelType, kBpe);
  trainer.integer(trainer_field::kVocabularySize, model.pieces.size());
  trainer.integer(trainer_field::kByteFallback, model.byte_fallback ? 1 : 0);
  trainer.bytes(trainer_field::kUnk, model.unk);
  trainer.bytes(trainer_field::kBos, model.bos);
  trainer.bytes(trainer_field::kEos, model.eos);
  trainer.bytes(trainer_field::kPad, model.pad);
  out.bytes(model_field::kTrainer, trainer.message());
  ProtobufWriter normalizer;
  normalizer.bytes(normalizer_field::kName, "identity");
  normalizer.integer(normalizer_field::kDummyPrefix, model.add_dummy_prefix ? 1 : 0);
  normalizer.integer(normalizer_field::kRemoveExtra, model.remove_extra_whitespaces ? 1 : 0);
  normalizer.integer(normalizer_field::kEscape, 1);
  out.bytes(model_field::kNormalizer, normalizer.message());
  return out.message();
}

}  // namespace tempo::text
