#include "tokenizer_load.h"

#include <system_error>

#include "json_field.h"
#include "sentencepiece_gguf.h"
#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "utf8.h"

namespace tempo::text {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTemplateFile = "chat_template.jinja";
constexpr const char* kAddedFile = "added_tokens.json";

// Returns the content of a JSON file; an empty object if there is none.
nlohmann::json read_json(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return nlohmann::json::object();
  return parse_json(io::read_text(file), file.string());
}

// Returns the configuration beside a tokenizer, the chat template in it.
nlohmann::json read_config(const fs::path& folder) {
  nlohmann::json config = read_json(folder / kConfigFile);
  std::error_code error;
  const fs::path chat_template = folder / kTemplateFile;
  if (fs::exists(chat_template, error)) config["chat_template"] = io::read_text(chat_template);
  return config;
}

std::shared_ptr<const TokenizerData> load_json(const fs::path& file) {
  std::string text = io::read_text(file);
  TokenizerDocuments documents{parse_json(text, file.string()), nlohmann::json::object()};
  if (file.filename() == kTokenizerJson) documents.config = read_config(file.parent_path());
  return byte_level_data(std::move(documents), std::move(text), file.string());
}

std::shared_ptr<const TokenizerData> load_sentencepiece(const fs::path& file) {
  SentencepieceModel model = parse_sentencepiece(io::read_text(file), file.string());
  if (file.filename() != kSentencepieceFile)
    return sentencepiece_data(std::move(model), nlohmann::json::object(), {}, file.string());
  const fs::path folder = file.parent_path();
  nlohmann::json config = read_config(folder);
  std::vector<AddedToken> added = parse_added(config, (folder / kConfigFile).string());
  if (added.empty())
    added = parse_added_by_text(read_json(folder / kAddedFile), (folder / kAddedFile).string());
  return sentencepiece_data(std::move(model), std::move(config), std::move(added), file.string());
}

// tokenizer.model, and what others call tokenizer.model.v1 or spiece.model.
bool is_sentencepiece(const fs::path& file) {
  return file.filename().string().find(".model") != std::string::npos;
}

}  // namespace

std::shared_ptr<const TokenizerData> load_tokenizer(const fs::path& path) {
  if (path.extension() == ".gguf") return load_tokenizer(io::Gguf::open(path));
  std::error_code error;  // what cannot be looked at is reported when it is read
  TEMPO_CHECK(fs::exists(path, error) || error, path.string(),
              ": expected a folder with tokenizer.json or tokenizer.model, or a GGUF file, found nothing");
  if (!fs::is_directory(path, error))
    return is_sentencepiece(path) ? load_sentencepiece(path) : load_json(path);
  const bool only_pieces =
      !fs::exists(path / kTokenizerJson, error) && fs::exists(path / kSentencepieceFile, error);
  return only_pieces ? load_sentencepiece(path / kSentencepieceFile) : load_json(path / kTokenizerJson);
}

std::shared_ptr<const TokenizerData> load_tokenizer(const io::Gguf& file) {
  const std::string kind = file.string("tokenizer.ggml.model");
  TEMPO_CHECK(kind == "gpt2" || kind == "llama", file.location(),
              ": tokenizer.ggml.model: expected gpt2 (byte-level BPE) or llama (sentencepiece), got ",
              printable(kind));
  if (kind == "llama") {
    return sentencepiece_data(sentencepiece_from_gguf(file), config_from_gguf(file), {}, file.location());
  }
  TokenizerDocuments documents = documents_from_gguf(file);
  std::string text = to_text(documents.tokenizer);
  return byte_level_data(std::move(documents), std::move(text), file.location());
}

std::string to_text(const nlohmann::json& document) {
  constexpr int kIndent = 2;
  return document.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tempo::text
