// A language of eleven tokens, models of it, and tasks in it: training in milliseconds.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "io/scratch.h"
#include "tempo/model/model.h"
#include "tempo/text/tokenizer.h"
#include "tempo/train/task.h"

namespace tempo::testing {

// Digits, white space, a period and a turn's ends: what it lacks, it leaves out of a prompt.
inline constexpr const char* kTinyTokenizer = R"({
  "version": "1.0",
  "added_tokens": [{"id": 9, "content": "<|im_start|>", "special": true},
                   {"id": 10, "content": "<|im_end|>", "special": true}],
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
  "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "merges": [],
            "vocab": {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "\u0120": 6, "\u010a": 7, ".": 8}}})";
inline constexpr const char* kTinyTokenizerConfig = R"({
  "eos_token": "<|im_end|>",
  "chat_template": "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"})";
inline constexpr std::int32_t kTurnEnd = 10, kTinyVocabulary = 11;

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  TEMPO_CHECK(file, path.string(), ": cannot write");
}

inline void write_tiny_tokenizer(const std::filesystem::path& folder) {
  write_file(folder / "tokenizer.json", kTinyTokenizer);
  write_file(folder / "tokenizer_config.json", kTinyTokenizerConfig);
}

inline text::Tokenizer tiny_tokenizer() {
  const Scratch scratch;
  write_tiny_tokenizer(scratch.folder());
  return text::Tokenizer::load(scratch.folder());
}

// Weights large enough that the next token depends on all before it.
inline model::Model tiny_language_model(std::uint64_t seed, at::ScalarType dtype = at::kFloat) {
  model::Model model({.vocab_size = kTinyVocabulary,
                      .hidden_size = 32,
                      .intermediate_size = 48,
                      .layers = 2,
                      .heads = 4,
                      .kv_heads = 2,
                      .head_dim = 8,
                      .max_positions = 64,
                      .rope_scaling = {},
                      .bos_token_id = {},
                      .eos_token_ids = {kTurnEnd}},
                     dtype, at::kCPU);
  model::initialise(model, seed);
  const at::NoGradGuard no_gradients;
  for (const auto& parameter : model.parameters())
    if (parameter.tensor.dim() == 2) at::Tensor(parameter.tensor).mul_(5);
  return model;
}

// The weights as they are now.
inline std::vector<at::Tensor> copy_of_weights(const model::Model& model) {
  std::vector<at::Tensor> weights;
  for (const auto& parameter : model.parameters()) weights.push_back(parameter.tensor.detach().clone());
  return weights;
}

inline bool equal_bits(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) equal = at::equal(a[i], b[i]);
  return equal;
}

// Problems (problem, answer) whose answers are numbers.
inline train::Task tiny_task(const std::vector<std::pair<std::string, std::string>>& problems,
                             const train::TaskOptions& options = {}) {
  std::vector<data::Example> examples;
  for (const auto& [problem, answer] : problems)
    examples.push_back({std::to_string(examples.size()), problem, answer, {}});
  return {"tiny.jsonl",
          std::move(examples),
          tiny_tokenizer(),
          text::chat_format("chatml"),
          reward::RewardFunction({reward::RewardTerm{}}),
          options};
}

// Four problems: say the digit again.
inline train::Task copy_task() { return tiny_task({{"0", "0"}, {"1", "1"}, {"2", "2"}, {"3", "3"}}); }

}  // namespace tempo::testing
