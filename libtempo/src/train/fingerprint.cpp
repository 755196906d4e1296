#include "tempo/train/fingerprint.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <vector>

#include "tempo/core/error.h"

namespace tempo::train {
namespace {

namespace fs = std::filesystem;

// FNV-1a.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  // Texts are delimited, so that two of them are not one.
  template <typename... Args>
  void add_all(const Args&... args) {
    (add(core::concat(args, '\n')), ...);
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

constexpr std::uint64_t kPieces = 64, kPieceBytes = 16 << 10;

void add_file(Hash& hash, const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  TEMPO_CHECK(file.good(), path.string(), ": expected a file that can be read, got no access");
  const std::uint64_t size = fs::file_size(path);
  hash.add_all(path.filename().string(), size);
  std::string piece(kPieceBytes, '\0');
  for (std::uint64_t i = 0; i < kPieces; ++i) {
    const std::uint64_t last = size > kPieceBytes ? size - kPieceBytes : 0;
    file.seekg(static_cast<std::streamoff>(last / (kPieces - 1) * i));
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount())));
    file.clear();
  }
}

bool holds_model(const fs::path& file) {
  return file.extension() == ".safetensors" || file.filename() == "config.json";
}

}  // namespace

std::uint64_t model_fingerprint(const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path))
      if (entry.is_regular_file() && holds_model(entry.path())) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
  } else {
    files.push_back(path);
  }
  Hash hash;
  for (const fs::path& file : files) add_file(hash, file);
  return hash.value();
}

std::uint64_t sampling_fingerprint(const rollout::SamplingOptions& sampling, std::uint64_t seed) {
  Hash hash;
  hash.add_all(sampling.max_new_tokens, sampling.ignore_eos);
  for (const std::int32_t token : sampling.stop_tokens) hash.add_all(token);
  if (sampling.temperature > 0)
    hash.add_all("draws", sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p, seed);
  return hash.value();
}

std::uint64_t prompt_fingerprint(std::span<const std::int32_t> tokens) {
  Hash hash;
  for (const std::int32_t token : tokens) hash.add_all(token);
  return hash.value();
}

std::uint64_t task_fingerprint(const Task& task) {
  Hash hash;
  for (const TaskSet& set : task.sets()) hash.add_all(set.first, set.size, set.weight.value_or(0));
  for (std::int64_t i = 0; i < task.size(); ++i) {
    const data::Example& example = task.example(i);
    hash.add_all(prompt_fingerprint(task.prompt(i)), example.answer);
    for (const auto& [letter, text] : example.options) hash.add_all(letter, text);
  }
  return hash.value();
}

std::uint64_t text_fingerprint(std::string_view text) {
  Hash hash;
  hash.add(text);
  return hash.value();
}

std::uint64_t combined_fingerprint(std::uint64_t first, std::uint64_t second) {
  Hash hash;
  hash.add_all(first, second);
  return hash.value();
}

}  // namespace tempo::train
