// GGUF files: metadata, among it the tokenizer, and tensors, often quantised, in one file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tempo/io/dequantize.h"
#include "tempo/io/mapped_file.h"
#include "tempo/io/weights.h"

namespace tempo::io {

// One GGUF file of version 2 or 3, little-endian, mapped into memory.
class Gguf : public WeightSource {
 public:
  // Throws tempo::Error, naming the file, when anything does not follow the format, a tensor has a type that
  // cannot be read, or the file is one part of a split model.
  static Gguf open(const std::filesystem::path& path);

  std::vector<std::string> names() const override;
  bool contains(std::string_view name) const override;
  std::vector<std::int64_t> shape(std::string_view name) const override;
  void read(std::string_view name, std::span<float> out) const override;
  std::string location() const override { return location_; }

  // True if the metadata has the key, of whatever type.
  bool has(std::string_view key) const;

  // Return a metadata value. Throw tempo::Error, naming file and key, when the key is absent or of another
  // type.
  std::string string(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;  // any integer type
  double number(std::string_view key) const;         // any integer or float type
  bool boolean(std::string_view key) const;
  const std::vector<std::string>& strings(std::string_view key) const;
  const std::vector<std::int64_t>& integers(std::string_view key) const;  // any integer type, or booleans
  const std::vector<float>& floats(std::string_view key) const;           // F64 values are rounded

  // The same, but an absent key gives the fallback. A value of another type is still an error.
  std::string string(std::string_view key, std::string_view fallback) const;
  std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  double number(std::string_view key, double fallback) const;
  bool boolean(std::string_view key, bool fallback) const;

  // One metadata value. Integers of all widths are one alternative, and so are both widths of floats.
  using Value = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>,
                             std::vector<float>, std::vector<std::string>>;

 private:
  struct Tensor {
    GgmlType type = GgmlType::kF32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
  };

  Gguf(std::string location, MappedFile file) : location_(std::move(location)), file_(std::move(file)) {}
  const Tensor& find(std::string_view name) const;
  const Value& value(std::string_view key) const;
  template <typename T>
  const T& value_of(std::string_view key, std::string_view expected) const;

  std::string location_;
  MappedFile file_;
  std::map<std::string, Value, std::less<>> metadata_;
  std::map<std::string, Tensor, std::less<>> tensors_;
};

}  // namespace tempo::io
