// The named tensors of one model, whatever file format holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tempo::io {

// Element types of safetensors files.
enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

// Returns the bytes of one element.
std::size_t size_of(DType dtype);

// Returns the name that safetensors files use: "F32", "BF16", "BOOL".
std::string_view name_of(DType dtype);

// Named tensors read as float32, from safetensors (Safetensors) or GGUF (Gguf). The files were checked when
// they were opened, so only an unknown name or a wrong size fails later. All members are safe to call from
// several threads at once.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  // Returns all names in ascending byte order.
  virtual std::vector<std::string> names() const = 0;
  virtual bool contains(std::string_view name) const = 0;

  // Returns the sizes in row-major order, outermost first (a GGUF file stores them the other way round);
  // empty for a scalar. Throws tempo::Error for an unknown name.
  virtual std::vector<std::int64_t> shape(std::string_view name) const = 0;

  // Writes all values as float32 in row-major order, dequantised where the file is quantised.
  // Requires: out has as many elements as the tensor. Throws tempo::Error otherwise, and for an unknown name.
  virtual void read(std::string_view name, std::span<float> out) const = 0;

  // Returns the path of the file, for error texts.
  virtual std::string location() const = 0;
};

}  // namespace tempo::io
