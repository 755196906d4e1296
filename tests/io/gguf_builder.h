// Small GGUF files, right and wrong, put together byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tempo::testing {

template <typename T>
requires std::is_arithmetic_v<T> std::string encoded(T number) {
  return {reinterpret_cast<const char*>(&number), sizeof(T)};
}

inline std::string encoded(std::string_view text) { return encoded<std::uint64_t>(text.size()).append(text); }

// A metadata value: key, number of its type, bytes of its value.
inline std::string entry(std::string_view key, std::uint32_t type, std::string_view value) {
  return encoded(key) + encoded(type).append(value);
}

// Sizes stand innermost first, as in the file.
struct TensorInfo {
  std::string name = "t";
  std::vector<std::uint64_t> sizes = {32};
  std::uint32_t type = 0;
  std::uint64_t offset = 0;

  std::string bytes() const {
    std::string text = encoded(name) + encoded(static_cast<std::uint32_t>(sizes.size()));
    for (const std::uint64_t size : sizes) text += encoded(size);
    return text + encoded(type) + encoded(offset);
  }
};

// By default a right file with one tensor of 32 floats.
struct GgufParts {
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::vector<std::string> metadata = {};
  std::vector<TensorInfo> tensors = {TensorInfo{}};
  std::size_t data_size = 128;

  std::string bytes() const {
    std::string text = magic + encoded(version) + encoded<std::uint64_t>(tensors.size()) +
                       encoded<std::uint64_t>(metadata.size());
    for (const std::string& value : metadata) text += value;
    for (const TensorInfo& tensor : tensors) text += tensor.bytes();
    text.resize((text.size() + 31) / 32 * 32);
    return text + std::string(data_size, '\1');
  }
};

}  // namespace tempo::testing
