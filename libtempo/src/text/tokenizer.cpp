#include "tempo/text/tokenizer.h"

#include <array>
#include <system_error>
#include <utility>

#include "byte_map.h"
#include "json_field.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tokenizer_gguf.h"
#include "tokenizer_json.h"
#include "utf8.h"

namespace tempo::text {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTokenizerFile = "tokenizer.json";
constexpr const char* kConfigFile = "tokenizer_config.json";
constexpr const char* kTemplateFile = "chat_template.jinja";

// The added tokens that are looked for before the normalizer has run, or after.
AddedTokenFinder make_finder(const TokenizerParts& parts, bool normalized) {
  std::vector<AddedToken> tokens;
  std::vector<std::string> contents;
  for (const AddedToken& token : parts.added) {
    if (token.normalized != normalized) continue;
    tokens.push_back(token);
    contents.push_back(normalized ? normalize(parts.normalizer, token.content) : token.content);
  }
  return {tokens, contents};
}

std::optional<std::int32_t> id_of(const std::vector<std::string>& tokens,
                                  const std::optional<std::string>& text, const std::string& where) {
  if (!text) return std::nullopt;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id] == *text) return static_cast<std::int32_t>(id);
  }
  core::fail(where, ": expected a token ", printable(*text), " in the vocabulary, got none");
}

// Returns JSON text; bytes from a GGUF file that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::json& document) {
  constexpr int kIndent = 2;
  return document.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

struct Tokenizer::Data {
  Data(TokenizerDocuments read, std::string from);

  void encode_text(std::string_view text, std::vector<std::int32_t>& ids) const;

  std::string location;
  std::string tokenizer_text;  // what save writes
  nlohmann::json config;
  std::vector<NormalForm> normalizer;
  std::vector<PreTokenizerStep> pre_tokenizer;
  std::optional<Bpe> bpe;
  std::optional<AddedTokenFinder> raw_tokens;
  std::optional<AddedTokenFinder> normalized_tokens;
  Vocabulary ids;                  // by text, added tokens among them
  std::vector<std::string> bytes;  // what each id decodes to; nothing for an id without a token
  std::vector<bool> special;       // of each id
  std::optional<std::int32_t> bos, eos, pad, unk;
  std::optional<std::string> chat_template;
};

Tokenizer::Data::Data(TokenizerDocuments read, std::string from)
    : location(std::move(from)), config(std::move(read.config)) {
  TokenizerParts parts = parse_tokenizer(read.tokenizer, location);
  bpe.emplace(parts.vocabulary, parts.merges, parts.bpe, location + ": model: merges");
  raw_tokens = make_finder(parts, false);
  normalized_tokens = make_finder(parts, true);
  const TokenizerConfig named = parse_config(config, location + ": configuration");
  bos = id_of(parts.tokens, named.bos_token, location + ": bos_token");
  eos = id_of(parts.tokens, named.eos_token, location + ": eos_token");
  pad = id_of(parts.tokens, named.pad_token, location + ": pad_token");
  unk = id_of(parts.tokens, named.unk_token, location + ": unk_token");
  chat_template = named.chat_template;
  special.resize(parts.tokens.size());
  for (const AddedToken& token : parts.added) special[static_cast<std::size_t>(token.id)] = token.special;
  ids = std::move(parts.vocabulary);
  for (const AddedToken& token : parts.added) ids.emplace(token.content, token.id);
  for (const std::string& token : parts.tokens) bytes.push_back(from_byte_alphabet(token).value_or(token));
  normalizer = std::move(parts.normalizer);
  pre_tokenizer = std::move(parts.pre_tokenizer);
}

void Tokenizer::Data::encode_text(std::string_view text, std::vector<std::int32_t>& out) const {
  const std::string normal = normalize(normalizer, text);
  for (const AddedTokenFinder::Part& part : normalized_tokens->split(normal)) {
    if (part.id >= 0) {
      out.push_back(part.id);
      continue;
    }
    const Pieces pieces = pre_tokenize(pre_tokenizer, part.text);
    for (const std::string_view piece : pieces.views) bpe->encode(piece, out);
  }
}

Tokenizer::Tokenizer(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

Tokenizer Tokenizer::load(const fs::path& path) {
  if (path.extension() == ".gguf") return from_gguf(io::Gguf::open(path));
  std::error_code error;  // what cannot be looked at is reported when it is read
  TEMPO_CHECK(fs::exists(path, error) || error, path.string(),
              ": expected a folder with tokenizer.json or a GGUF file, found nothing");
  const fs::path file = fs::is_directory(path, error) ? path / kTokenizerFile : path;
  std::string text = io::read_text(file);
  TokenizerDocuments documents{parse_json(text, file.string()), nlohmann::json::object()};
  if (file.filename() == kTokenizerFile) {
    const fs::path config = file.parent_path() / kConfigFile;
    const fs::path chat_template = file.parent_path() / kTemplateFile;
    if (fs::exists(config, error)) documents.config = parse_json(io::read_text(config), config.string());
    if (fs::exists(chat_template, error)) documents.config["chat_template"] = io::read_text(chat_template);
  }
  auto data = std::make_shared<Data>(std::move(documents), file.string());
  data->tokenizer_text = std::move(text);
  return Tokenizer(std::move(data));
}

Tokenizer Tokenizer::from_gguf(const io::Gguf& file) {
  TokenizerDocuments documents = documents_from_gguf(file);
  std::string text = to_text(documents.tokenizer);
  auto data = std::make_shared<Data>(std::move(documents), file.location());
  data->tokenizer_text = std::move(text);
  return Tokenizer(std::move(data));
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view utf8) const {
  std::string repaired;
  if (!is_utf8(utf8)) {
    repaired = replace_invalid_utf8(utf8);
    utf8 = repaired;
  }
  std::vector<std::int32_t> ids;
  for (const AddedTokenFinder::Part& part : data_->raw_tokens->split(utf8)) {
    if (part.id >= 0) {
      ids.push_back(part.id);
    } else {
      data_->encode_text(part.text, ids);
    }
  }
  return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special) const {
  std::string out;
  for (const std::int32_t id : ids) {
    TEMPO_CHECK(id >= 0, "Tokenizer::decode: expected ids of at least 0, got ", id);
    if (id >= vocab_size() || (skip_special && is_special(id))) continue;
    out += data_->bytes[static_cast<std::size_t>(id)];
  }
  return is_utf8(out) ? out : replace_invalid_utf8(out);
}

std::int32_t Tokenizer::vocab_size() const { return static_cast<std::int32_t>(data_->bytes.size()); }

std::optional<std::int32_t> Tokenizer::find(std::string_view token) const {
  const auto found = data_->ids.find(token);
  return found == data_->ids.end() ? std::nullopt : std::optional(found->second);
}

bool Tokenizer::is_special(std::int32_t id) const {
  return id >= 0 && id < vocab_size() && data_->special[static_cast<std::size_t>(id)];
}

std::optional<std::int32_t> Tokenizer::bos_id() const { return data_->bos; }
std::optional<std::int32_t> Tokenizer::eos_id() const { return data_->eos; }
std::optional<std::int32_t> Tokenizer::pad_id() const { return data_->pad; }
std::optional<std::int32_t> Tokenizer::unk_id() const { return data_->unk; }
const std::optional<std::string>& Tokenizer::chat_template() const { return data_->chat_template; }
const std::string& Tokenizer::location() const { return data_->location; }

void Tokenizer::save(const fs::path& folder) const {
  std::error_code error;
  fs::create_directories(folder, error);
  TEMPO_CHECK(!error, folder.string(), ": expected to make this folder, got: ", error.message());
  io::write_text_atomically(folder / kTokenizerFile, data_->tokenizer_text);
  io::write_text_atomically(folder / kConfigFile, to_text(data_->config) + "\n");
}

}  // namespace tempo::text
