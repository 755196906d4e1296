#include "tempo/text/tokenizer.h"

#include <system_error>
#include <utility>

#include "tempo/core/error.h"
#include "tempo/io/file.h"
#include "tokenizer_data.h"
#include "tokenizer_load.h"
#include "utf8.h"

namespace tempo::text {

namespace fs = std::filesystem;

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerData> data) : data_(std::move(data)) {}

Tokenizer Tokenizer::load(const fs::path& path) { return Tokenizer(load_tokenizer(path)); }

Tokenizer Tokenizer::from_gguf(const io::Gguf& file) { return Tokenizer(load_tokenizer(file)); }

std::vector<std::int32_t> Tokenizer::encode(std::string_view utf8) const {
  std::string repaired;
  if (!is_utf8(utf8)) {
    repaired = replace_invalid_utf8(utf8);
    utf8 = repaired;
  }
  std::vector<std::int32_t> ids;
  for (const AddedTokenFinder::Part& part : data_->added->split(utf8)) {
    if (part.id >= 0) {
      ids.push_back(part.id);
    } else {
      data_->model->encode(part.text, part.text.data() == utf8.data(), ids);
    }
  }
  return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special) const {
  std::string out;
  bool drop_space = data_->leading_space != LeadingSpace::kKept;
  for (const std::int32_t id : ids) {
    TEMPO_CHECK(id >= 0, "Tokenizer::decode: expected ids of at least 0, got ", id);
    if (id >= vocab_size() || (skip_special && is_special(id))) continue;
    std::string_view bytes = data_->bytes[static_cast<std::size_t>(id)];
    if (drop_space && out.empty() && bytes.starts_with(' ')) {
      bytes.remove_prefix(1);
      drop_space = data_->leading_space == LeadingSpace::kAllDropped;
    }
    out += bytes;
  }
  if (is_utf8(out)) return out;
  return data_->repair_by_byte ? replace_invalid_bytes(out) : replace_invalid_utf8(out);
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
  io::write_text_atomically(folder / data_->file_name, data_->file_content);
  io::write_text_atomically(folder / kConfigFile, to_text(data_->config) + "\n");
}

}  // namespace tempo::text
