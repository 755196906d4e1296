#include "tokenizer_gguf.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pre_tokenizer.h"
#include "tempo/core/error.h"
#include "utf8.h"

namespace tempo::text {

namespace {

using nlohmann::json;

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Pattern = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
                                           R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// Values of tokenizer.ggml.token_type. Unused ones only fill the vocabulary up to the model's size.
constexpr std::int64_t kControl = 3;
constexpr std::int64_t kUserDefined = 4;
constexpr std::int64_t kUnused = 5;

// The rules that a value of tokenizer.ggml.pre stands for.
struct Rules {
  json pre_tokenizer;
  json normalizer;  // null: none
  bool ignore_merges = false;
};

json sequence(json steps) { return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}}; }

json byte_level(bool use_regex) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", use_regex}};
}

json split(std::string_view pattern) {
  return {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
}

Rules gpt2_rules() { return {byte_level(true), nullptr}; }

Rules smollm_rules() {
  return {sequence({{{"type", "Digits"}, {"individual_digits", true}}, byte_level(true)}), nullptr};
}

Rules qwen2_rules() { return {sequence({split(kQwen2Pattern), byte_level(false)}), {{"type", "NFC"}}}; }

Rules llama3_rules() { return {sequence({split(kLlama3Pattern), byte_level(false)}), nullptr, true}; }

// What llama.cpp does with files that name no rules of their own.
Rules default_rules() {
  return {sequence({split(R"([\p{P}\$\+<=>\^~\|]+)"), split(kGpt2Pattern), split(R"(\p{N}+)"),
                    split("[0-9][0-9][0-9]"), byte_level(false)}),
          nullptr};
}

struct NamedRules {
  std::string_view name;
  Rules (*make)();
};

constexpr std::array<NamedRules, 8> kRules{{{"default", default_rules},
                                            {"deepseek-r1-qwen", qwen2_rules},
                                            {"gpt-2", gpt2_rules},
                                            {"llama-bpe", llama3_rules},
                                            {"llama-v3", llama3_rules},
                                            {"llama3", llama3_rules},
                                            {"qwen2", qwen2_rules},
                                            {"smollm", smollm_rules}}};

Rules find_rules(const io::Gguf& file) {
  const std::string name = file.string("tokenizer.ggml.pre", "default");
  std::string known;
  for (const NamedRules& rules : kRules) {
    if (rules.name == name) return rules.make();
    known += (known.empty() ? "" : ", ") + std::string(rules.name);
  }
  core::fail(file.location(), ": tokenizer.ggml.pre: expected one of ", known, ", got ", printable(name));
}

json added_token(std::size_t id, const std::string& content, bool special) {
  return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
          {"rstrip", false}, {"normalized", false}, {"special", special}};
}

struct Tokens {
  json vocabulary = json::object();
  json added = json::array();
};

Tokens read_tokens(const io::Gguf& file) {
  const std::vector<std::string>& texts = file.strings("tokenizer.ggml.tokens");
  const bool typed = file.has("tokenizer.ggml.token_type");
  const std::vector<std::int64_t> types =
      typed ? file.integers("tokenizer.ggml.token_type") : std::vector<std::int64_t>(texts.size(), 1);
  TEMPO_CHECK(types.size() == texts.size(), file.location(), ": tokenizer.ggml.token_type: expected ",
              texts.size(), " values, one a token, got ", types.size());
  Tokens tokens;
  for (std::size_t id = 0; id < texts.size(); ++id) {
    if (types[id] == kUnused) continue;
    const auto [place, inserted] = tokens.vocabulary.emplace(texts[id], id);
    TEMPO_CHECK(inserted, file.location(), ": tokenizer.ggml.tokens: expected different texts, got ",
                printable(texts[id]), " for ", place.value(), " and ", id);
    if (types[id] == kControl || types[id] == kUserDefined) {
      tokens.added.push_back(added_token(id, texts[id], types[id] == kControl));
    }
  }
  return tokens;
}

// Returns the text of the token that a metadata key names, if the file has it.
std::optional<std::string> token_of(const io::Gguf& file, const std::string& key) {
  if (!file.has(key)) return std::nullopt;
  const std::vector<std::string>& texts = file.strings("tokenizer.ggml.tokens");
  const std::int64_t id = file.integer(key);
  TEMPO_CHECK(id >= 0 && id < static_cast<std::int64_t>(texts.size()), file.location(), ": ", key,
              ": expected an id below ", texts.size(), ", got ", id);
  return texts[static_cast<std::size_t>(id)];
}

// Lets other readers of tokenizer.json put the first token where they add special tokens.
json post_processor(const io::Gguf& file) {
  const std::optional<std::string> bos = token_of(file, "tokenizer.ggml.bos_token_id");
  if (!bos || !file.boolean("tokenizer.ggml.add_bos_token", false)) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", false}, {"use_regex", true}};
  }
  const json first = {{"SpecialToken", {{"id", *bos}, {"type_id", 0}}}};
  const auto text = [](const char* id, int type) {
    return json{{"Sequence", {{"id", id}, {"type_id", type}}}};
  };
  const json ids = json::array({file.integer("tokenizer.ggml.bos_token_id")});
  const json token = {{"id", *bos}, {"ids", ids}, {"tokens", json::array({*bos})}};
  return {{"type", "TemplateProcessing"},
          {"single", json::array({first, text("A", 0)})},
          {"pair", json::array({first, text("A", 0), text("B", 1)})},
          {"special_tokens", {{*bos, token}}}};
}

json tokenizer_document(const io::Gguf& file) {
  Rules rules = find_rules(file);
  Tokens tokens = read_tokens(file);
  json model = {{"type", "BPE"},
                {"dropout", nullptr},
                {"unk_token", nullptr},
                {"continuing_subword_prefix", nullptr},
                {"end_of_word_suffix", nullptr},
                {"fuse_unk", false},
                {"byte_fallback", false},
                {"ignore_merges", rules.ignore_merges},
                {"vocab", std::move(tokens.vocabulary)},
                {"merges", file.strings("tokenizer.ggml.merges")}};
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", std::move(tokens.added)},
          {"normalizer", std::move(rules.normalizer)},
          {"pre_tokenizer", std::move(rules.pre_tokenizer)},
          {"post_processor", post_processor(file)},
          {"decoder", byte_level(true)},
          {"model", std::move(model)}};
}

json config_document(const io::Gguf& file) {
  json config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
  constexpr std::array<std::pair<const char*, const char*>, 4> kNamed{
      {{"bos_token", "tokenizer.ggml.bos_token_id"},
       {"eos_token", "tokenizer.ggml.eos_token_id"},
       {"pad_token", "tokenizer.ggml.padding_token_id"},
       {"unk_token", "tokenizer.ggml.unknown_token_id"}}};
  for (const auto& [name, key] : kNamed) {
    if (const auto token = token_of(file, key)) config[name] = *token;
  }
  if (file.has("tokenizer.chat_template")) config["chat_template"] = file.string("tokenizer.chat_template");
  const std::string context = file.string("general.architecture", "") + ".context_length";
  if (file.has(context)) config["model_max_length"] = file.integer(context);
  return config;
}

}  // namespace

TokenizerDocuments documents_from_gguf(const io::Gguf& file) {
  return {tokenizer_document(file), config_document(file)};
}

nlohmann::json config_from_gguf(const io::Gguf& file) {
  json config = config_document(file);
  const bool prefix = file.boolean("tokenizer.ggml.add_space_prefix", true);
  config["tokenizer_class"] = prefix ? "LlamaTokenizer" : "GemmaTokenizer";
  config["add_bos_token"] = file.boolean("tokenizer.ggml.add_bos_token", true);
  return config;
}

}  // namespace tempo::text
