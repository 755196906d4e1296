// Reading of the golden files of the text layer.
#pragma once

#include <stdlib.h>  // mkdtemp

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tempo/text/tokenizer.h"

namespace tempo::text::golden {

inline std::filesystem::path path(const std::string& name) {
  return std::filesystem::path(TEMPO_GOLDEN_DIR) / "text" / name;
}

inline std::filesystem::path smollm2_gguf() {
  return std::filesystem::path(TEMPO_DEPS_DIR) / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
}

inline std::string bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + file.string());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The JSON values of a file, one a line.
inline std::vector<nlohmann::json> lines(const std::string& name) {
  std::istringstream in(bytes(path(name)));
  std::vector<nlohmann::json> values;
  for (std::string line; std::getline(in, line);) values.push_back(nlohmann::json::parse(line));
  return values;
}

// Little-endian numbers of 32 bits.
inline std::vector<std::uint32_t> hashes(const std::string& name) {
  const std::string raw = bytes(path(name));
  std::vector<std::uint32_t> values(raw.size() / 4);
  for (std::size_t i = 0; i < values.size() * 4; ++i) {
    values[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(raw[i])) << (8 * (i % 4));
  }
  return values;
}

// FNV-1a over the ids as little-endian numbers of 32 bits.
inline std::uint32_t hash(std::span<const std::int32_t> ids) {
  std::uint32_t value = 0x811C9DC5u;
  for (const std::int32_t id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      value = (value ^ ((static_cast<std::uint32_t>(id) >> shift) & 0xFFu)) * 0x01000193u;
    }
  }
  return value;
}

// A folder that is removed with its content.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tempo_text_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + name);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace tempo::text::golden
