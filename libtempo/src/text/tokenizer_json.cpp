#include "tokenizer_json.h"

#include <charconv>

#include "json_field.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

// Far above every vocabulary; keeps a damaged id from asking for all memory.
constexpr std::int64_t kMaxId = (1 << 22) - 1;

std::int32_t read_id(const JsonField& field) { return static_cast<std::int32_t>(field.integer(0, kMaxId)); }

// Records the token of an id. An id has one token.
void place(std::vector<std::string>& tokens, std::int32_t id, const std::string& token,
           const std::string& where) {
  const auto at = static_cast<std::size_t>(id);
  if (tokens.size() <= at) tokens.resize(at + 1);
  TEMPO_CHECK(tokens[at].empty() || tokens[at] == token, where, ": expected one token for id ", id, ", got ",
              printable(tokens[at]), " and ", printable(token));
  tokens[at] = token;
}

void read_vocabulary(const JsonField& vocabulary, TokenizerParts& parts) {
  for (const auto& [token, value] : vocabulary.object().items()) {
    const std::string where = vocabulary.where() + ": " + printable(token);
    TEMPO_CHECK(!token.empty(), where, ": expected a token's text, got an empty one");
    const std::int32_t id = read_id(JsonField(value, where));
    place(parts.tokens, id, token, vocabulary.where());
    parts.vocabulary.emplace(token, id);
  }
}

std::pair<std::string, std::string> read_merge(const JsonField& merge) {
  if (merge.is_string()) {
    const std::string text = merge.string();
    const std::size_t space = text.find(' ');
    if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos) {
      merge.fail("two tokens with one space between them");
    }
    return {text.substr(0, space), text.substr(space + 1)};
  }
  if (!merge.is_array()) merge.fail("two tokens");
  const std::vector<JsonField> both = merge.items();
  if (both.size() != 2) merge.fail("two tokens");
  return {both[0].string(), both[1].string()};
}

void refuse_text(const JsonField& model, const char* key) {
  const std::optional<JsonField> field = model.find(key);
  if (field && !field->string().empty()) field->fail("nothing, as byte-level BPE has");
}

void read_model(const JsonField& model, TokenizerParts& parts) {
  if (const auto type = model.find("type"); type && type->string() != "BPE") type->fail("BPE");
  if (model.boolean("byte_fallback", false)) model.at("byte_fallback").fail("false, as byte-level BPE has");
  if (const auto dropout = model.find("dropout"); dropout && model.object().at("dropout") != 0) {
    dropout->fail("no dropout");
  }
  refuse_text(model, "continuing_subword_prefix");
  refuse_text(model, "end_of_word_suffix");
  read_vocabulary(model.at("vocab"), parts);
  for (const JsonField& merge : model.at("merges").items()) parts.merges.push_back(read_merge(merge));
  parts.bpe.ignore_merges = model.boolean("ignore_merges", false);
  parts.bpe.fuse_unknown = model.boolean("fuse_unk", false);
  if (const auto unknown = model.find("unk_token")) {
    const auto found = parts.vocabulary.find(unknown->string());
    if (found == parts.vocabulary.end()) unknown->fail("a token of the vocabulary");
    parts.bpe.unknown_id = found->second;
  }
}

// Reads all but the id.
AddedToken read_added_token(const JsonField& field) {
  AddedToken token;
  token.content = field.at("content").string();
  TEMPO_CHECK(!token.content.empty(), field.where(), ": content: expected a token's text, got an empty one");
  token.special = field.boolean("special", false);
  token.single_word = field.boolean("single_word", false);
  token.lstrip = field.boolean("lstrip", false);
  token.rstrip = field.boolean("rstrip", false);
  token.normalized = field.boolean("normalized", !token.special);
  return token;
}

AddedToken read_added(const JsonField& field, TokenizerParts& parts) {
  AddedToken token = read_added_token(field);
  token.id = read_id(field.at("id"));
  const auto known = parts.vocabulary.find(token.content);
  TEMPO_CHECK(known == parts.vocabulary.end() || known->second == token.id, field.where(),
              ": id: expected that of the vocabulary, ", known->second, ", got ", token.id);
  place(parts.tokens, token.id, token.content, field.where());
  return token;
}

// A token stands in the configuration as its text, or as an object that holds it.
std::optional<std::string> read_token(const JsonField& config, const char* key) {
  const std::optional<JsonField> field = config.find(key);
  if (!field) return std::nullopt;
  return field->is_string() ? field->string() : field->at("content").string();
}

// One template, or several by name.
std::optional<std::string> read_chat_template(const JsonField& config) {
  const std::optional<JsonField> field = config.find("chat_template");
  if (!field) return std::nullopt;
  if (!field->is_array()) return field->string();
  for (const JsonField& named : field->items()) {
    if (named.at("name").string() == "default") return named.at("template").string();
  }
  return std::nullopt;
}

}  // namespace

TokenizerParts parse_tokenizer(const nlohmann::json& document, const std::string& where) {
  const JsonField root(document, where);
  TokenizerParts parts;
  read_model(root.at("model"), parts);
  parts.normalizer = parse_normalizer(document, where);
  parts.pre_tokenizer = parse_pre_tokenizer(document, where);
  const JsonField decoder_type = root.at("decoder").at("type");
  if (decoder_type.string() != "ByteLevel") decoder_type.fail("ByteLevel");
  if (const auto added = root.find("added_tokens")) {
    for (const JsonField& field : added->items()) parts.added.push_back(read_added(field, parts));
  }
  return parts;
}

std::vector<AddedToken> parse_added(const nlohmann::json& config, const std::string& where) {
  std::vector<AddedToken> added;
  const auto tokens = JsonField(config, where).find("added_tokens_decoder");
  if (!tokens) return added;
  for (const auto& [id, value] : tokens->object().items()) {
    const JsonField field(value, tokens->where() + ": " + printable(id));
    AddedToken token = read_added_token(field);
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), token.id);
    TEMPO_CHECK(error == std::errc() && end == id.data() + id.size() && token.id >= 0 && token.id <= kMaxId,
                field.where(), ": expected an id of [0, ", kMaxId, "]");
    added.push_back(std::move(token));
  }
  return added;
}

std::vector<AddedToken> parse_added_by_text(const nlohmann::json& document, const std::string& where) {
  std::vector<AddedToken> added;
  for (const auto& [text, value] : JsonField(document, where).object().items()) {
    AddedToken token;
    token.id = read_id(JsonField(value, where + ": " + printable(text)));
    token.content = text;
    TEMPO_CHECK(!text.empty(), where, ": expected a token's text, got an empty one");
    token.special = true;
    added.push_back(std::move(token));
  }
  return added;
}

TokenizerConfig parse_config(const nlohmann::json& document, const std::string& where) {
  const JsonField root(document, where);
  return {read_token(root, "bos_token"), read_token(root, "eos_token"), read_token(root, "pad_token"),
          read_token(root, "unk_token"), read_chat_template(root)};
}

}  // namespace tempo::text
