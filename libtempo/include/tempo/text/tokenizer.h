// Text to token ids and back: byte-level BPE, equal to the Python `tokenizers` package, and sentencepiece.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tempo/io/gguf.h"

namespace tempo::text {

struct TokenizerData;

// A tokenizer as a tokenizer.json, a sentencepiece .model or a GGUF file describes it. Immutable after
// loading: copies share their data, and all members may be called from many threads. Classes of characters
// are those of the installed PCRE2 and utf8proc: text with characters that are newer than their Unicode
// tables can get other ids than Python's.
class Tokenizer {
 public:
  // Reads a folder with tokenizer.json or, where it has none, tokenizer.model (tokenizer_config.json,
  // chat_template.jinja and added_tokens.json are used when there), a .gguf file, a tokenizer.json file or a
  // sentencepiece model, told by ".model" in its name; a file of just the usual name is read with its
  // neighbours, as its folder is. Throws tempo::Error, naming the file, for a damaged one and for a kind that
  // is neither byte-level BPE nor sentencepiece.
  static Tokenizer load(const std::filesystem::path& path);

  // Reads the vocabulary of an open GGUF file, which is not needed afterwards. Throws tempo::Error as load
  // does.
  static Tokenizer from_gguf(const io::Gguf& file);

  // Returns the ids of the text. Special tokens in the text are recognised, none are added. Bytes that are
  // not UTF-8 count as U+FFFD, as in Python's bytes.decode(errors="replace"). A byte that the vocabulary
  // lacks gives its unknown token, or nothing where it has none, as in the Python package. Sentencepiece's
  // space before a text stands before its first part only, and only if that is no special token;
  // "legacy": true in tokenizer_config.json puts it before every part between special tokens. Throws
  // tempo::Error when a pattern of the tokenizer exceeds the limits of the regex engine on this text.
  std::vector<std::int32_t> encode(std::string_view utf8) const;

  // Returns valid UTF-8: what is not, for example at a cut between two tokens of one character, becomes
  // U+FFFD. skip_special leaves the special tokens out. Ids without a token, such as those that pad a model's
  // vocabulary, give nothing. The space that sentencepiece puts before a text is taken away at the begin of
  // the result. Throws tempo::Error for a negative id.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special = false) const;

  // One more than the largest id.
  std::int32_t vocab_size() const;

  // Returns the id of a token by its exact text in the vocabulary, such as "<|im_end|>".
  std::optional<std::int32_t> find(std::string_view token) const;

  // Returns true for an id that decode's skip_special leaves out.
  bool is_special(std::int32_t id) const;

  std::optional<std::int32_t> bos_id() const;
  std::optional<std::int32_t> eos_id() const;
  std::optional<std::int32_t> pad_id() const;
  std::optional<std::int32_t> unk_id() const;

  // The Jinja text of the chat template, if there is one; tempo/text/chat.h renders the known ones.
  const std::optional<std::string>& chat_template() const;

  // Where the tokenizer was read from, for messages.
  const std::string& location() const;

  // Writes tokenizer.json or tokenizer.model, and tokenizer_config.json, which transformers' AutoTokenizer
  // opens with the same ids, also for a tokenizer that came from a GGUF file. Makes the folder if need be;
  // throws tempo::Error when it cannot write.
  void save(const std::filesystem::path& folder) const;

 private:
  explicit Tokenizer(std::shared_ptr<const TokenizerData> data);

  std::shared_ptr<const TokenizerData> data_;
};

}  // namespace tempo::text
