#include "tokenizer_data.h"

#include <algorithm>
#include <array>

#include "byte_level.h"
#include "byte_map.h"
#include "json_field.h"
#include "sentencepiece.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581, which stands for a space in pieces

// Marks of turns that some model files hold as ordinary user-defined pieces.
constexpr std::array<std::string_view, 4> kTurnMarks{"<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]"};

std::optional<std::int32_t> id_of(const Vocabulary& ids, const std::optional<std::string>& text,
                                  const std::string& where) {
  if (!text) return std::nullopt;
  const auto found = ids.find(*text);
  TEMPO_CHECK(found != ids.end(), where, ": expected a token ", printable(*text),
              " in the vocabulary, got none");
  return found->second;
}

void set_named(TokenizerData& data, const TokenizerConfig& named) {
  data.bos = id_of(data.ids, named.bos_token, data.location + ": bos_token");
  data.eos = id_of(data.ids, named.eos_token, data.location + ": eos_token");
  data.pad = id_of(data.ids, named.pad_token, data.location + ": pad_token");
  data.unk = id_of(data.ids, named.unk_token, data.location + ": unk_token");
  data.chat_template = named.chat_template;
}

AddedTokenFinder make_finder(const std::vector<AddedToken>& tokens) {
  std::vector<std::string> contents;
  for (const AddedToken& token : tokens) contents.push_back(token.content);
  return {tokens, contents};
}

// What a piece stands for in text.
std::string bytes_of(const Piece& piece) {
  if (piece.kind == PieceKind::kByte) {  // <0xAB>, which the library has checked
    constexpr int kHexadecimal = 16;
    return {static_cast<char>(std::stoi(piece.text.substr(3, 2), nullptr, kHexadecimal))};
  }
  std::string bytes;
  std::string_view rest = piece.text;
  while (!rest.empty()) {
    const std::size_t at = std::min(rest.find(kSpaceMark), rest.size());
    bytes += rest.substr(0, at);
    rest.remove_prefix(at);
    if (rest.empty()) break;
    bytes += ' ';
    rest.remove_prefix(kSpaceMark.size());
  }
  return bytes;
}

bool is_special_piece(const Piece& piece) {
  return piece.kind == PieceKind::kControl || piece.kind == PieceKind::kUnknown ||
         (piece.kind == PieceKind::kUserDefined && std::ranges::count(kTurnMarks, piece.text) > 0);
}

// Returns the tokens that are found before the model sees the text: special ones, those that the
// configuration makes special, and those that the model file lacks.
std::vector<AddedToken> outer_tokens(const SentencepieceModel& model, const std::vector<AddedToken>& added,
                                     const std::string& where) {
  std::vector<AddedToken> outer;
  std::vector<bool> named(model.pieces.size());
  for (const AddedToken& token : added) {
    const auto id = static_cast<std::size_t>(token.id);
    const bool is_piece = id < model.pieces.size();
    TEMPO_CHECK(!is_piece || model.pieces[id].text == token.content, where, ": expected ",
                printable(model.pieces[id].text), " as token ", id, ", as in the model file, got ",
                printable(token.content));
    if (is_piece && !token.special) continue;
    if (is_piece) named[id] = true;
    outer.push_back(token);
  }
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    if (named[id] || !is_special_piece(model.pieces[id])) continue;
    AddedToken token;
    token.id = static_cast<std::int32_t>(id);
    token.content = model.pieces[id].text;
    token.special = true;
    outer.push_back(std::move(token));
  }
  return outer;
}

// The configuration's tokens; those it does not name are the model file's, as far as it has them.
TokenizerConfig named_tokens(const TokenizerData& data, const SentencepieceModel& model) {
  TokenizerConfig named = parse_config(data.config, data.location + ": configuration");
  const auto fill = [&](std::optional<std::string>& token, const std::string& piece) {
    if (!token && data.ids.contains(piece)) token = piece;
  };
  fill(named.bos_token, model.bos);
  fill(named.eos_token, model.eos);
  fill(named.pad_token, model.pad);
  fill(named.unk_token, model.unk);
  return named;
}

// Adds what transformers must know to open the saved tokenizer with the same ids.
void complete_config(nlohmann::json& config, const TokenizerConfig& named) {
  if (!config.contains("tokenizer_class")) config["tokenizer_class"] = "LlamaTokenizer";
  if (!config.contains("legacy")) config["legacy"] = false;
  const auto set = [&](const char* key, const std::optional<std::string>& token) {
    if (token && !config.contains(key)) config[key] = *token;
  };
  set("bos_token", named.bos_token);
  set("eos_token", named.eos_token);
  set("pad_token", named.pad_token);
  set("unk_token", named.unk_token);
}

LeadingSpace leading_space(const SentencepieceModel& model) {
  if (model.remove_extra_whitespaces) return LeadingSpace::kAllDropped;
  return model.add_dummy_prefix ? LeadingSpace::kOneDropped : LeadingSpace::kKept;
}

void place_added(TokenizerData& data, const AddedToken& token) {
  const auto id = static_cast<std::size_t>(token.id);
  if (id >= data.bytes.size()) {
    data.bytes.resize(id + 1);
    data.special.resize(id + 1);
  }
  if (data.bytes[id].empty()) data.bytes[id] = token.content;
  data.special[id] = token.special;
  data.ids.emplace(token.content, token.id);
}

}  // namespace

std::shared_ptr<const TokenizerData> byte_level_data(TokenizerDocuments documents, std::string text,
                                                     const std::string& where) {
  auto data = std::make_shared<TokenizerData>();
  data->location = where;
  data->file_name = kTokenizerJson;
  data->file_content = std::move(text);
  data->config = std::move(documents.config);
  TokenizerParts parts = parse_tokenizer(documents.tokenizer, where);
  data->model = std::make_unique<ByteLevelModel>(parts, where);
  std::vector<AddedToken> raw;
  for (const AddedToken& token : parts.added) {
    if (!token.normalized) raw.push_back(token);
  }
  data->added = make_finder(raw);
  data->special.resize(parts.tokens.size());
  for (const AddedToken& token : parts.added)
    data->special[static_cast<std::size_t>(token.id)] = token.special;
  data->ids = std::move(parts.vocabulary);
  for (const AddedToken& token : parts.added) data->ids.emplace(token.content, token.id);
  for (const std::string& token : parts.tokens) {
    data->bytes.push_back(from_byte_alphabet(token).value_or(token));
  }
  set_named(*data, parse_config(data->config, where + ": configuration"));
  return data;
}

std::shared_ptr<const TokenizerData> sentencepiece_data(SentencepieceModel model, nlohmann::json config,
                                                        std::vector<AddedToken> added,
                                                        const std::string& where) {
  auto data = std::make_shared<TokenizerData>();
  data->location = where;
  data->file_name = kSentencepieceFile;
  data->config = std::move(config);
  const bool every_part = JsonField(data->config, where + ": configuration").boolean("legacy", false);
  data->model = std::make_unique<SentencepieceEncoder>(model, every_part, where);
  for (const Piece& piece : model.pieces) {
    data->ids.emplace(piece.text, static_cast<std::int32_t>(data->bytes.size()));
    data->bytes.push_back(bytes_of(piece));
    data->special.push_back(is_special_piece(piece));
  }
  const std::vector<AddedToken> outer = outer_tokens(model, added, where);
  for (const AddedToken& token : outer) place_added(*data, token);
  data->added = make_finder(outer);
  data->leading_space = leading_space(model);
  data->repair_by_byte = true;
  const TokenizerConfig named = named_tokens(*data, model);
  set_named(*data, named);
  complete_config(data->config, named);
  data->file_content = std::move(model.bytes);
  return data;
}

}  // namespace tempo::text
